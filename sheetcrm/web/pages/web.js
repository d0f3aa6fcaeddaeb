"use strict";
/* What makes the page pleasant: progress, saved workbooks, copied addresses, sliders. Without it, forms do all of it. */
(function () {
  var BEAT = 10000, LOOK = 400, WATCH = 2000;
  var body = document.body, page = body.dataset.page, active = false, gone = false;

  function all(selector) { return Array.prototype.slice.call(document.querySelectorAll(selector)); }
  function form(values) {
    var data = new URLSearchParams();
    Object.keys(values).forEach(function (name) { data.set(name, values[name]); });
    return data;
  }
  function say(id, text) {
    var element = document.getElementById(id);
    if (element && element.textContent !== text) { element.textContent = text; }
  }

  /* The program lives as long as a page is open. */
  function beat() {
    fetch("/beat", { method: "POST", body: form({ page: page, active: active ? "1" : "0" }) }).then(function () {
      active = false;
      gone = false;
      say("gone", "");
    }, function () {
      if (gone) { say("gone", "程序已经结束（关掉了窗口，或 30 分钟没有操作）。请重新运行 sheetcrm open。"); }
      gone = true;
    });
  }
  ["keydown", "pointerdown", "input"].forEach(function (name) {
    document.addEventListener(name, function () { active = true; }, true);
  });
  window.addEventListener("pagehide", function () { navigator.sendBeacon("/leave", form({ page: page })); });
  window.addEventListener("pageshow", function (event) { if (event.persisted) { location.reload(); } });
  beat();
  setInterval(beat, BEAT);

  /* How work goes on: a message may count what is done, as 4/9. */
  function measure(message) {
    var bar = document.querySelector("progress"), counted = /(\d+)\/(\d+)/.exec(message);
    if (counted) { bar.max = Number(counted[2]); bar.value = Number(counted[1]); } else { bar.removeAttribute("value"); }
  }
  function follow() {
    fetch(body.dataset.work).then(function (answer) { return answer.json(); }).then(function (state) {
      if (!state.busy) { location.replace("/progress"); return; }
      if (state.message) { say("progress", state.message); measure(state.message); }
      document.getElementById("cancel").disabled = state.writing;
      setTimeout(follow, LOOK);
    }, function () { setTimeout(follow, 5 * LOOK); });
  }
  if (body.dataset.work) { follow(); }

  /* A workbook that is saved is checked again, unless somebody is choosing fields just now. */
  function isChoosing() { return all("#mapping select").some(function (one) { return one.value; }); }
  function watch(before) {
    fetch(body.dataset.watch).then(function (answer) { return answer.json(); }).then(function (state) {
      if (state.saved && state.signature === before) {
        if (!isChoosing()) { document.getElementById("recheck").requestSubmit(); return; }
        say("saved", "有工作簿保存过。选好表头写进去时会重新检查，或点“重新检查”。");
      }
      setTimeout(watch, WATCH, state.signature);
    }, function () { setTimeout(watch, WATCH, ""); });
  }
  if (body.dataset.watch) { setTimeout(watch, WATCH, ""); }

  /* Addresses are copied for the name box. */
  all("button.copy").forEach(function (button) {
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(button.dataset.copy).then(function () {
        var before = button.textContent;
        button.textContent = "已复制";
        setTimeout(function () { button.textContent = before; }, 1500);
      });
    });
  });

  /* Findings are unfolded all at once. */
  var unfold = document.getElementById("unfold"), groups = all("details.group");
  if (unfold && groups.length > 1) {
    unfold.hidden = false;
    unfold.addEventListener("click", function () {
      var open = groups.some(function (one) { return !one.open; });
      groups.forEach(function (one) { one.open = open; });
      unfold.textContent = open ? "全部收起" : "全部展开";
    });
  }

  /* Proposals are taken with a button each, or all at once. */
  var suggestions = all("button.suggest");
  function suggest(button) {
    document.querySelector('[name="' + button.dataset.for + '"]').value = button.dataset.value;
  }
  suggestions.forEach(function (button) { button.addEventListener("click", function () { suggest(button); }); });
  var every = document.getElementById("suggest-all");
  if (every && suggestions.length) {
    every.hidden = false;
    every.addEventListener("click", function () { suggestions.forEach(suggest); });
  }
  all("select[data-submits]").forEach(function (select) {
    select.addEventListener("change", function () { select.form.requestSubmit(); });
  });

  /* A slider beside each number; the number is what counts. */
  function total() {
    var sum = all('input[data-slides="weight"]').reduce(function (sum, one) { return sum + Number(one.value || 0); }, 0);
    say("weights-total", String(Math.round(sum * 100) / 100));
  }
  all("input[data-slides]").forEach(function (number) {
    var slider = document.createElement("input");
    slider.type = "range";
    slider.min = number.min;
    slider.max = number.max;
    slider.step = "1";
    slider.value = number.value;
    slider.setAttribute("aria-label", document.querySelector('label[for="' + number.id + '"]').textContent + "（滑块）");
    slider.addEventListener("input", function () { number.value = slider.value; total(); });
    number.addEventListener("input", function () { slider.value = number.value; total(); });
    number.after(slider);
  });
  total();

  /* What was said is where reading goes on; after a form the page begins at its content. */
  var note = document.querySelector(".note.bad");
  if (note) { note.tabIndex = -1; note.focus(); }
  document.documentElement.dataset.ready = "1";
})();
