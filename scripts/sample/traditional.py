"""Simplified characters of the sample written as traditional ones: a table of its own, so no converter is trusted."""

from __future__ import annotations

_SIMPLIFIED = (
    "万与专业东两个临为丽产亿仓仪价优会伟传体储兰关兴养内册冯决况净准减凯划刘则创别务动区医华协单卫厂压发"
    "变号后启吴员咨响团园围国场块处备复头夹孙实审对导尘层属岚岛巩师并庆库应开弃张强录彦态总恺愿战户扩扫报"
    "拣损换据数断无旧时晓晖暂术机杂权条来杨杰柜标样档检汇沟没泽洁测润温满滨潜澜炉点状环现电畅疗监盘码砺础"
    "确称稳窑竞筑签类粮约级纪纺线组细织终绍经绑结给统继续维编缩网罗职联胶腾节范荐药营虑补装见观规视觉誉计"
    "订认讨训议记讲许论设访评诉诊试诚话询误说请诺调谈谢负财责账货质购贴贸费赁资赵踪车轨转软轴较输边运进远"
    "迟邓邮郑采钧铂铄铭链销锐键长门问间阀阔陈险霁静韩项顾预频题额风饰馈马驱骏黄齐"
)
_TRADITIONAL = (
    "萬與專業東兩個臨為麗產億倉儀價優會偉傳體儲蘭關興養內冊馮決況淨準減凱劃劉則創別務動區醫華協單衛廠壓發"
    "變號後啟吳員諮響團園圍國場塊處備復頭夾孫實審對導塵層屬嵐島鞏師並慶庫應開棄張強錄彥態總愷願戰戶擴掃報"
    "揀損換據數斷無舊時曉暉暫術機雜權條來楊傑櫃標樣檔檢匯溝沒澤潔測潤溫滿濱潛瀾爐點狀環現電暢療監盤碼礪礎"
    "確稱穩窯競築簽類糧約級紀紡線組細織終紹經綁結給統繼續維編縮網羅職聯膠騰節範薦藥營慮補裝見觀規視覺譽計"
    "訂認討訓議記講許論設訪評訴診試誠話詢誤說請諾調談謝負財責賬貨質購貼貿費賃資趙蹤車軌轉軟軸較輸邊運進遠"
    "遲鄧郵鄭採鈞鉑鑠銘鏈銷銳鍵長門問間閥闊陳險霽靜韓項顧預頻題額風飾饋馬驅駿黃齊"
)
_PHRASES = (("制造", "製造"), ("定制", "定製"), ("复核", "覆核"), ("联系", "聯繫"))
_TABLE = str.maketrans(_SIMPLIFIED, _TRADITIONAL)


def traditional(text: str) -> str:
    """Write a text in traditional characters; those outside the sample's own words stay as they are."""
    for simplified, written in _PHRASES:
        text = text.replace(simplified, written)
    return text.translate(_TABLE)
