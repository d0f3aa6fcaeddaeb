"use strict";
/* Lists, searches and sorts what stands in #data. Values of cells go into the page as text alone (textContent). */
(function () {
  var NARROW = window.matchMedia("(max-width: 46rem)").matches, FIRST = NARROW ? 10 : 50, MORE = NARROW ? 50 : 200;
  var FEW = 12;
  var data = JSON.parse(document.getElementById("data").textContent);
  var words = data.words;
  var collator = new Intl.Collator("zh-CN", { numeric: true });
  var lists = {};

  function word(place) { return words[place]; }

  /* The rows by name. Their order in the data is that of sheetcrm/report/board/listing.py. */
  var customers = data.customers.map(function (row, place) {
    return {
      place: place, key: row[0], name: row[1], tier: word(row[2]), previous: word(row[3]), movement: word(row[4]),
      score: row[5], spend: row[6], recency: row[7], owner: word(row[8]), department: word(row[9]), health: word(row[10]),
      risk: word(row[11]), tags: word(row[12]), marks: word(row[13]), reasons: row[15].map(word), due: [], change: "",
      alerts: row[14].map(function (alert) {
        return { level: word(alert[0]), code: word(alert[1]), action: word(alert[2]), owner: word(alert[3]), due: alert[4] };
      })
    };
  });
  var due = data.due.map(function (row) {
    var customer = customers[row[0]];
    var item = { customer: customer, due: row[1], action: word(row[2]), owner: word(row[3]), overdue: row[4], told: word(row[5]), estimated: row[6] };
    customer.due.push(item);
    return item;
  });
  var moves = data.moves.map(function (row) {
    var customer = row[0] < 0 ? null : customers[row[0]];
    var move = { customer: customer, key: customer ? customer.key : row[1], name: customer ? customer.name : "", previous: word(row[2]), grade: word(row[3]), direction: word(row[4]), change: word(row[5]), owner: customer ? customer.owner : word(row[6]) };
    if (customer) { customer.change = move.change; }
    return move;
  });
  var owners = data.owners.map(function (row) {
    return { owner: word(row[0]), customers: row[1], spend: row[2], up: row[3], down: row[4], red: row[5], overdue: row[6], due: row[7], done: row[8], kept: row[9] };
  });
  var problems = data.problems.map(function (row) {
    return { severity: word(row[0]), title: word(row[1]), file: word(row[2]), address: row[3], further: row[4], fix: word(row[5]) };
  });

  function make(tag, attributes, children) {
    var element = document.createElement(tag);
    Object.keys(attributes || {}).forEach(function (name) { element.setAttribute(name, attributes[name]); });
    [].concat(children === undefined ? [] : children).forEach(function (child) {
      element.appendChild(typeof child === "object" ? child : document.createTextNode(String(child)));
    });
    return element;
  }
  function empty(element) { while (element.firstChild) { element.removeChild(element.firstChild); } }
  function tag(text, look) { return make("span", { "class": "tag " + (look || "") }, text); }
  function link(customer) { return make("a", { href: "#" + encodeURIComponent(customer.key) }, customer.name || customer.key); }
  function fold(text) { return String(text).normalize("NFKC").toLowerCase(); }

  function money(amount) {
    if (amount === null) { return "—"; }
    var sign = amount < 0 ? "\u2212" : "", size = Math.abs(amount);
    return size >= 10000 ? sign + (size / 10000).toFixed(1).replace(/\B(?=(\d{3})+\.)/g, ",") + "万元" : sign + size + "元";
  }
  function part(ratio) { return ratio ? (ratio[0] / ratio[1] * 100).toFixed(1) + "%（" + ratio[0] + "/" + ratio[1] + "）" : "—"; }
  function share(ratio) { return ratio ? ratio[0] / ratio[1] : null; }
  function gravest(customer) { return customer.alerts.length ? customer.alerts[0] : null; }
  function latest(customer) { return customer.due.reduce(function (most, item) { return Math.max(most, item.overdue); }, 0); }
  function tierRank(tier) { var place = data.tiers.indexOf(tier); return place < 0 ? data.tiers.length : place; }
  function healthLook(colour) { return { "红": "bad", "黄": "warn", "绿": "good" }[colour] || ""; }
  function moveLook(direction) { return { "升": "good", "降": "bad" }[direction] || ""; }
  function levelLook(level) { return { "高": "bad", "错误": "bad", "中": "warn", "警告": "warn" }[level] || ""; }

  /* A list: a search field, filters, a table to sort, rows by portions. */
  function List(name, options) {
    this.name = name;
    this.options = options;
    this.holder = document.querySelector('[data-list="' + name + '"]');
    this.shown = this.first = Math.min(options.first || FIRST, FIRST);
    this.sorted = options.sorted || null;
    this.texts = options.rows.map(function (row) { return fold(options.text(row)); });
    this.build();
    this.show();
  }
  List.prototype.build = function () {
    var list = this, options = this.options, tools = make("div", { "class": "tools" });
    empty(this.holder);
    this.search = make("input", { type: "search", autocomplete: "off", placeholder: options.hint });
    this.search.addEventListener("input", function () { list.again(); });
    this.search.addEventListener("keydown", function (event) {
      if (event.key === "Escape") { list.search.value = ""; list.again(); }
      if (event.key === "ArrowDown") { list.step(null, 1); event.preventDefault(); }
      if (event.key === "Enter") { var first = list.body.querySelector("a"); if (first) { first.click(); } }
    });
    tools.appendChild(make("label", { "class": "search" }, ["搜索", this.search]));
    this.filters = (options.filters || []).map(function (filter) {
      var select = make("select", {}, [make("option", { value: "" }, "全部")].concat(filter.choices.map(function (choice) {
        return make("option", { value: choice }, choice);
      })));
      select.addEventListener("change", function () { list.again(); });
      tools.appendChild(make("label", {}, [filter.label, select]));
      return { select: select, holds: filter.holds, label: filter.label };
    });
    this.count = make("p", { "class": "count", role: "status" });
    this.head = make("tr");
    this.body = make("tbody");
    var caption = make("caption", { "class": "unseen" }, options.caption);
    var scroll = make("div", { "class": "scroll", role: "region", tabindex: "0", "aria-label": options.caption },
      make("table", {}, [caption, make("thead", {}, this.head), this.body]));
    options.columns.forEach(function (column) {
      var button = make("button", { type: "button", "class": "sort" }, column.label);
      var cell = make("th", { scope: "col", "class": column.number ? "n" : "" }, button);
      button.addEventListener("click", function () {
        var same = list.sorted && list.sorted.column === column;
        list.sorted = { column: column, down: same ? !list.sorted.down : Boolean(column.number) };
        list.show();
      });
      list.head.appendChild(cell);
    });
    this.body.addEventListener("keydown", function (event) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        list.step(event.target.closest("tr"), event.key === "ArrowDown" ? 1 : -1);
        event.preventDefault();
      }
    });
    this.more = make("div", { "class": "more" });
    (options.filters || options.rows.length > FEW ? [tools] : []).concat([this.count, scroll, this.more]).forEach(function (part) { list.holder.appendChild(part); });
  };
  List.prototype.again = function () { this.shown = this.first; this.show(); };
  List.prototype.filter = function (label, value) {
    this.filters.forEach(function (filter) {
      if (filter.label !== label) { return; }
      filter.select.value = value;
      if (filter.select.value !== value) { filter.select.appendChild(make("option", { value: value }, value)); filter.select.value = value; }
    });
    this.again();
  };
  List.prototype.step = function (row, by) {
    var next = row ? (by > 0 ? row.nextElementSibling : row.previousElementSibling) : this.body.firstElementChild;
    var target = next && next.querySelector("a, button");
    if (target) { target.focus(); } else if (by < 0) { this.search.focus(); }
  };
  List.prototype.chosen = function () {
    var list = this, wanted = fold(this.search.value).split(/\s+/).filter(Boolean);
    var rows = this.options.rows.filter(function (row, place) {
      return wanted.every(function (part) { return list.texts[place].indexOf(part) >= 0; }) &&
        list.filters.every(function (filter) { return !filter.select.value || filter.holds(row, filter.select.value); });
    });
    if (!this.sorted) { return rows; }
    var value = this.sorted.column.value, turn = this.sorted.down ? -1 : 1;
    return rows.map(function (row, place) { return [value(row), place, row]; }).sort(function (one, other) {
      var a = one[0], b = other[0], blankA = a === null || a === "", blankB = b === null || b === "";
      if (blankA || blankB) { return blankA - blankB || one[1] - other[1]; }
      var order = typeof a === "number" && typeof b === "number" ? a - b : collator.compare(a, b);
      return turn * order || one[1] - other[1];
    }).map(function (entry) { return entry[2]; });
  };
  List.prototype.show = function () {
    var list = this, rows = this.chosen(), some = rows.slice(0, this.shown), lines = document.createDocumentFragment();
    some.forEach(function (row) { lines.appendChild(list.line(row)); });
    empty(this.body);
    this.body.appendChild(lines);
    this.count.textContent = rows.length ? "共 " + rows.length + " " + this.options.unit + (some.length < rows.length ? "，列出前 " + some.length + " " + this.options.unit : "") : this.options.none;
    this.options.columns.forEach(function (column, place) {
      var cell = list.head.children[place], active = list.sorted && list.sorted.column === column;
      if (active) { cell.setAttribute("aria-sort", list.sorted.down ? "descending" : "ascending"); } else { cell.removeAttribute("aria-sort"); }
      cell.firstChild.textContent = column.label + (active ? (list.sorted.down ? " ▼" : " ▲") : "");
    });
    empty(this.more);
    if (some.length < rows.length) {
      [["再列 " + Math.min(MORE, rows.length - some.length) + " " + this.options.unit, MORE], ["全部列出", rows.length]].forEach(function (choice) {
        var button = make("button", { type: "button" }, choice[0]);
        button.addEventListener("click", function () { list.shown += choice[1]; list.show(); });
        list.more.appendChild(button);
      });
    }
  };
  List.prototype.line = function (row) {
    var line = make("tr");
    this.options.columns.forEach(function (column) {
      var shown = column.show ? column.show(row) : column.value(row);
      if (shown === null || shown === undefined) { shown = ""; }
      var blank = shown === "" || (Array.isArray(shown) && !shown.length);
      var cell = make("td", { "data-label": column.label, "class": (column.number ? "n " : "") + (column.short ? "short " : "") + (blank ? "blank" : "") });
      [].concat(shown).forEach(function (child) {
        cell.appendChild(typeof child === "object" ? child : make("span", {}, child));
      });
      line.appendChild(cell);
    });
    return line;
  };

  function distinct(rows, value, rank) {
    var seen = new Set(rows.map(value).filter(Boolean));
    return Array.from(seen).sort(rank ? function (a, b) { return rank(a) - rank(b); } : collator.compare);
  }
  function owned(rows, of) {
    function owner(row) { return of(row) || data.unnamed; }
    return { label: "客户经理", choices: distinct(rows, owner), holds: function (row, value) { return owner(row) === value; } };
  }
  function ownerOf(row) { return row.owner; }
  function byTier(rows, of) {
    return { label: "等级", choices: distinct(rows, of, tierRank), holds: function (row, value) { return of(row) === value; } };
  }
  function named(row) { return row.customer ? [link(row.customer)] : []; }

  lists.moves = new List("moves", {
    caption: "等级变动的客户", unit: "家", none: "没有等级变动的客户。", hint: "编号、名称、客户经理", rows: moves, first: 15,
    text: function (row) { return [row.key, row.name, row.owner, row.previous, row.grade].join(" "); },
    filters: [
      { label: "方向", choices: distinct(moves, function (row) { return row.direction; }, function (a) { return "升降转出".indexOf(a); }), holds: function (row, value) { return row.direction === value; } },
      byTier(moves, function (row) { return row.grade; }), owned(moves, ownerOf)
    ],
    columns: [
      { label: "编号", short: true, value: function (row) { return row.key; } },
      { label: "客户", value: function (row) { return row.name; }, show: named },
      { label: "客户经理", short: true, value: function (row) { return row.owner; } },
      { label: "变动", short: true, value: function (row) { return tierRank(row.grade); }, show: function (row) { return [tag((row.direction ? row.direction + "　" : "") + row.previous + (row.direction === "转出" ? "" : " → " + row.grade), moveLook(row.direction))]; } },
      { label: "原因", value: function (row) { return row.change; }, show: function (row) { return row.change || (row.customer ? row.customer.reasons.slice(0, 3).join("；") : ""); } }
    ]
  });
  lists.owners = new List("owners", {
    caption: "各客户经理", unit: "人", none: "没有填客户经理。", hint: "客户经理", rows: owners, first: 30,
    text: function (row) { return row.owner; },
    columns: [
      { label: "客户经理", short: true, value: function (row) { return row.owner; }, show: function (row) {
        var button = make("button", { type: "button", "class": "pick", title: "只看此人的客户和待办" }, row.owner);
        button.addEventListener("click", function () {
          ["moves", "customers", "due"].forEach(function (name) { lists[name].filter("客户经理", row.owner); });
          document.getElementById("sec-find").scrollIntoView();
        });
        return [button];
      } },
      { label: "客户", number: true, value: function (row) { return row.customers; } },
      { label: "近12个月消费", number: true, value: function (row) { return row.spend; }, show: function (row) { return money(row.spend); } },
      { label: "升", number: true, value: function (row) { return row.up; } },
      { label: "降", number: true, value: function (row) { return row.down; } },
      { label: "红色客户", number: true, value: function (row) { return row.red; } },
      { label: "逾期", number: true, value: function (row) { return row.overdue; } },
      { label: "下期到期", number: true, value: function (row) { return row.due; } },
      { label: "跟进完成率", number: true, value: function (row) { return share(row.done); }, show: function (row) { return part(row.done); } },
      { label: "承诺兑现率", number: true, value: function (row) { return share(row.kept); }, show: function (row) { return part(row.kept); } }
    ]
  });
  lists.customers = new List("customers", {
    caption: "客户", unit: "家", none: "没有这样的客户。", hint: "编号、名称、客户经理、标签（按 / 键到这里）", rows: customers,
    text: function (row) { return [row.key, row.name, row.owner, row.department, row.tier, row.tags].join(" "); },
    filters: [
      byTier(customers, function (row) { return row.tier; }), owned(customers, ownerOf),
      { label: "健康度", choices: distinct(customers, function (row) { return row.health; }), holds: function (row, value) { return row.health === value; } },
      { label: "只看", choices: ["有预警", "等级变动", "有逾期", "待审核"], holds: function (row, value) {
        if (value === "有预警") { return row.alerts.length > 0; }
        if (value === "等级变动") { return Boolean(row.previous) && row.previous !== row.tier; }
        if (value === "有逾期") { return latest(row) > 0; }
        return row.marks.indexOf("待审核") >= 0;
      } }
    ],
    columns: [
      { label: "编号", short: true, value: function (row) { return row.key; } },
      { label: "客户", value: function (row) { return row.name; }, show: function (row) { return [link(row)]; } },
      { label: "等级", short: true, value: function (row) { return tierRank(row.tier); }, show: function (row) { return row.tier; } },
      { label: "变动", short: true, value: function (row) { return row.movement; }, show: function (row) { return row.movement && row.movement !== "平" ? [tag(row.movement, moveLook(row.movement))] : []; } },
      { label: "总分", number: true, value: function (row) { return row.score; }, show: function (row) { return row.score === null ? "" : row.score.toFixed(1); } },
      { label: "近12个月消费", number: true, value: function (row) { return row.spend; }, show: function (row) { return money(row.spend); } },
      { label: "健康度", short: true, value: function (row) { return { "红": 0, "黄": 1, "绿": 2 }[row.health] === undefined ? null : { "红": 0, "黄": 1, "绿": 2 }[row.health]; }, show: function (row) { return healthLook(row.health) ? [tag(row.health, healthLook(row.health))] : []; } },
      { label: "预警", value: function (row) { return row.alerts.length; }, show: function (row) { var first = gravest(row); return first ? [tag(first.code, levelLook(first.level))].concat(row.alerts.length > 1 ? ["等 " + row.alerts.length + " 项"] : []) : []; } },
      { label: "客户经理", short: true, value: function (row) { return row.owner; } },
      { label: "下次跟进", short: true, value: function (row) { return row.due.length ? row.due[0].due : ""; } },
      { label: "逾期天数", number: true, value: function (row) { return latest(row); }, show: function (row) { return latest(row) || ""; } }
    ]
  });
  lists.due = new List("due", {
    caption: "待办", unit: "项", none: "没有这样的待办。", hint: "客户、动作、责任人", rows: due, first: 30,
    text: function (row) { return [row.customer.key, row.customer.name, row.action, row.owner, row.customer.tier].join(" "); },
    filters: [
      { label: "责任人", choices: distinct(due, function (row) { return row.owner; }), holds: function (row, value) { return row.owner === value; } },
      owned(due, function (row) { return row.customer.owner; }),
      { label: "状态", choices: ["已逾期", "未到期", "已上报"], holds: function (row, value) { return value === "已逾期" ? row.overdue > 0 : value === "未到期" ? !row.overdue : Boolean(row.told); } },
      { label: "动作", choices: distinct(due, function (row) { return row.action; }), holds: function (row, value) { return row.action === value; } },
      byTier(due, function (row) { return row.customer.tier; })
    ],
    columns: [
      { label: "应完成日期", short: true, value: function (row) { return row.due; }, show: function (row) { return row.due + (row.estimated ? "（预计）" : ""); } },
      { label: "逾期天数", number: true, value: function (row) { return row.overdue; }, show: function (row) { return row.overdue ? [tag(row.overdue + " 天", "bad")] : ""; } },
      { label: "客户", value: function (row) { return row.customer.name; }, show: named },
      { label: "等级", short: true, value: function (row) { return tierRank(row.customer.tier); }, show: function (row) { return row.customer.tier; } },
      { label: "动作", value: function (row) { return row.action; } },
      { label: "责任人", short: true, value: function (row) { return row.owner; } },
      { label: "上报至", short: true, value: function (row) { return row.told; } }
    ]
  });
  lists.problems = new List("problems", {
    caption: "数据问题", unit: "处", none: "没有数据问题。", hint: "位置、问题", rows: problems, first: 20,
    text: function (row) { return [row.severity, row.title, row.file, row.address, row.fix].join(" "); },
    filters: [
      { label: "级别", choices: distinct(problems, function (row) { return row.severity; }), holds: function (row, value) { return row.severity === value; } },
      { label: "问题", choices: distinct(problems, function (row) { return row.title; }), holds: function (row, value) { return row.title === value; } }
    ],
    columns: [
      { label: "级别", short: true, value: function (row) { return row.severity; }, show: function (row) { return [tag(row.severity, levelLook(row.severity))]; } },
      { label: "问题", value: function (row) { return row.title; } },
      { label: "工作簿", value: function (row) { return row.file; } },
      { label: "位置", value: function (row) { return row.address; }, show: function (row) { return row.address ? [make("span", { "class": "place" }, row.address + (row.further ? "（另有 " + row.further + " 处）" : "")), copying("复制", function () { return row.address; }, "复制位置，可贴进 Excel 的名称框")] : ""; } },
      { label: "整改建议", value: function (row) { return row.fix; } }
    ]
  });

  /* Copying: the clipboard where the browser allows it for a file, else the old way. */
  function copying(label, text, title) {
    var button = make("button", { type: "button", "class": "copy", title: title || label }, label);
    button.addEventListener("click", function () {
      function done(ok) {
        button.textContent = ok ? "已复制" : "请按 Ctrl+C";
        window.setTimeout(function () { button.textContent = label; }, 1500);
      }
      if (navigator.clipboard && navigator.clipboard.writeText) {
        navigator.clipboard.writeText(text()).then(function () { done(true); }, function () { done(selected(text())); });
      } else { done(selected(text())); }
    });
    return button;
  }
  function selected(text) {
    var field = make("textarea", { "class": "unseen", "aria-hidden": "true" });
    field.value = text;
    document.body.appendChild(field);
    field.select();
    var ok = document.execCommand("copy");
    document.body.removeChild(field);
    return ok;
  }

  /* A customer, by the address: #C2024025. */
  var detail = document.getElementById("detail");
  function facts(pairs) {
    var list = make("dl");
    pairs.forEach(function (pair) {
      if (pair[1] !== "" && pair[1] !== null) { list.appendChild(make("div", {}, [make("dt", {}, pair[0]), make("dd", {}, pair[1])])); }
    });
    return list;
  }
  function items(title, rows) {
    return rows.length ? [make("h3", {}, title), make("ul", {}, rows.map(function (row) { return make("li", {}, row); }))] : [];
  }
  function tell(customer) {
    var moved = customer.previous && customer.previous !== customer.tier;
    empty(detail);
    [make("h3", {}, customer.key === customer.name ? customer.name : customer.key + "　" + customer.name),
      facts([["等级", customer.tier + (moved ? "（上期 " + customer.previous + "）" : "")], ["总分", customer.score === null ? "" : customer.score.toFixed(1)],
        ["近12个月消费", money(customer.spend)], ["距最近消费", customer.recency === null ? "" : customer.recency + " 天"], ["客户经理", customer.owner],
        ["部门", customer.department], ["健康度", customer.health], ["风险", customer.risk], ["标签", customer.tags], ["状态", customer.marks]])
    ].concat(
      items("本期变化", customer.change ? [customer.change] : []),
      items("得分说明", customer.reasons),
      items("预警", customer.alerts.map(function (alert) { return alert.code + "：" + alert.action + "（" + alert.owner + "，应完成日期 " + alert.due + "）"; })),
      items("待办", customer.due.map(function (item) { return item.due + "　" + item.action + "（" + item.owner + "）" + (item.overdue ? "，逾期 " + item.overdue + " 天" : ""); }))
    ).forEach(function (element) { detail.appendChild(element); });
    var close = make("button", { type: "button" }, "关闭");
    close.addEventListener("click", function () { window.location.hash = "sec-find"; });
    detail.appendChild(make("div", { "class": "more" }, [copying("复制编号", function () { return customer.key; }), close]));
    detail.hidden = false;
    detail.scrollIntoView({ block: "start" });
    detail.focus({ preventScroll: true });
  }
  var byKey = new Map(customers.map(function (customer) { return [customer.key, customer]; }));
  function follow() {
    var key = window.location.hash.slice(1);
    try { key = decodeURIComponent(key); } catch (error) { /* a stray % stays as it is */ }
    var customer = byKey.get(key);
    if (customer) { tell(customer); } else {
      detail.hidden = true;
      empty(detail);
      if (key && !document.getElementById(key)) {
        detail.appendChild(make("p", {}, "没有列出编号为“" + key + "”的客户。"));
        detail.hidden = false;
        detail.scrollIntoView();
      }
    }
  }
  window.addEventListener("hashchange", follow);
  document.addEventListener("keydown", function (event) {
    var field = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName || "");
    if (event.key === "/" && !field && !event.ctrlKey && !event.metaKey && !event.altKey) {
      lists.customers.search.focus();
      event.preventDefault();
    }
    if (event.key === "Escape" && !field && !detail.hidden) { window.location.hash = "sec-find"; lists.customers.search.focus(); }
  });
  follow();
  document.documentElement.setAttribute("data-ready", "yes");
}());
