"""Traditional Chinese: what is said of the reverse network and of the chain of matrices."""

from __future__ import annotations

WORDS = {
    "reverse title": "反向網路 {sizes}",
    "reverse head": "反向傳播就是另一個網路的前向傳播。這個網路用同樣的權重（轉置），每個神經元換成一個放大器："
    "把輸入乘上該神經元的斜率，這是前向傳播已經決定的常數。把成本對輸出的導數送進去，就得到每一個誤差。",
    "reverse convention": "不論採用哪種慣例，這裡的誤差都是成本對 z 的導數；一行中每個神經元各占一項。",
    "reverse softmax": "softmax 層的神經元沒有各自的放大器：輸入乘上它的雅可比矩陣，每個神經元都影響所有的誤差。",
    "reverse saturated start": "輸出已經飽和，成本的斜率與神經元的斜率都沒有有效數字；反向網路從兩者的乘積 a − y 開始。",
    "reverse one of": "這裡畫的是 {m} 個樣本中的第一個；其他樣本的增益不同。",
    "drawing": "反向網路，以及每個放大器的增益與流過的誤差。",
    "layer column": "第 {l} 層",
    "more neurons drawn": "還有 {n} 個",
    "legend direction": "誤差由右向左流動。",
    "legend amplifier": "◁ 乘上它的增益，增益由前向傳播決定。",
    "legend dashed": "虛線：負的權重。",
    "legend hatched": "斜線：已飽和，增益小於 0.05。",
    "described gains": "第 {l} 層：增益 {gains}",
    "described errors": "；誤差 {errors}。",
    "gains": "放大器",
    "gains table": "各層的增益。增益接近 0 的放大器幾乎不傳遞任何東西：它前面的權重幾乎不學習。",
    "column layer": "層",
    "column neurons": "神經元",
    "column least": "最小增益",
    "column most": "最大增益",
    "column saturated": "小於 0.05",
    "column error": "最大誤差",
    "chain": "矩陣的連乘",
    "chain head": "只用矩陣來寫，每個誤差都是一個乘積：某層的斜率放在對角線上的矩陣、轉置的權重、下一層的斜率，"
    "一直乘到成本的斜率。",
    "chain numbers": "代入這個樣本的數字（只寫放得進一行的層）：",
    "chain too large": "這個網路的矩陣太大，不寫出數字。",
    "order": "相乘的順序",
    "order head": "這個乘積可以從任何一端開始算。從右邊算，每一步都是向量：這就是反向傳播。從左邊算，每一步都是矩陣，"
    "是一層對另一層的導數：這是前向模式必須帶著走的東西。結果相同，乘法的次數不同。",
    "column right": "從右邊",
    "column left": "從左邊",
    "chain read back": "{n} 行式子由印出的文字讀回，並與計算的結果比較；乘積與誤差相差不超過 {error}。",
}
