"""Traditional Chinese: the derivation."""

from __future__ import annotations

WORDS = {
    "title": "{sizes} 網路的反向傳播",
    # ---------------------------------------------------------------------------------------------- the network
    "the network": "這個網路",
    "layer": "層",
    "number of neurons": "神經元數",
    "activation function": "活化函數 {σ}({z})",
    "shape of w": "{w} 的大小",
    "shape of b": "{b} 的大小",
    "the input": "輸入",
    "function": "{name}：{f}",
    "functions of their own": "各神經元的函數不同",
    "function of neurons": "{name}（神經元 {neurons}）",
    "function of neuron": "{name}（神經元 {neurons}）",
    "own functions": "若一層之中各神經元的函數不同，{σⱼ} 表示神經元 {j} 的函數。",
    "the cost": "設一個樣本 {x} 的期望輸出為 {y}，它的成本用{name}成本函數計算：",
    "the cost of a mini-batch": "一個小批次有 {m} 個樣本，{C} 是它們成本的總和；訓練要讓平均 {C/m} 變小。",
    "targets sum to 1": "softmax 層的輸出總和是 1，期望輸出的總和也是 1。",
    # --------------------------------------------------------------------------------------------- forward pass
    "forward": "前向傳播",
    "forward is": "對 {l} = {layers}，神經元 {j} 的加權輸入，是前一層的活化值各乘上權重之後的總和{biased}：",
    "biased": "，再加上偏差",
    "activation is": "它的活化值是加權輸入的函數：",
    "activation of layers is": "它的活化值是加權輸入的函數；對 {l} = {layers}：",
    "softmax of layers is": "在第 {layers} 層（都是 softmax），活化值是它在全層中所占的比例：",
    "softmax is": "在第 {layers} 層（softmax），活化值是它在全層中所占的比例：",
    "in matrices": "把一層的所有神經元與所有樣本合在一起，寫成矩陣：",
    # ------------------------------------------------------------------------------------------------- the error
    "the error": "要求的是什麼",
    "what is wanted subtract": "訓練需要成本對每個權重與每個偏差的偏導數。它們都是透過加權輸入 {z} 影響成本，所以先求成本"
    "對 {z} 的偏導數，稱為這個神經元的誤差：",
    "what is wanted add": "訓練需要成本對每個權重與每個偏差的偏導數。它們都是透過加權輸入 {z} 影響成本，所以先求成本對 "
    "{z} 的偏導數；這裡把它的負值稱為這個神經元的誤差：",
    "why delta": "若 {delta} 接近 0，{z} 的微小變化不會讓成本小多少；若它很大，就會。",
    "plan": "以下先求輸出層的 {δ}（情形一），再一層一層往回求（情形二），最後由 {δ} 得到所有的梯度。",
    # --------------------------------------------------------------------------------------------------- slopes
    "slopes": "活化函數的斜率",
    "lemma slope": "{name}的斜率",
    "with a for": "以{a}表示 {sigma}。",
    "slope as given": "{name}的斜率是隨它一起給定的程式，沒有公式可以列出。",
    # --------------------------------------------------------------------------------------------- output layer
    "output error": "情形一：輸出層（第 {layers} 層）的誤差",
    "only its own a": "{z} 透過這一層的活化值影響成本。由連鎖律，經過每個活化值的影響要相加；但只有 {a} 與 {z} 有關，所以"
    "總和只剩一項：",
    "every a depends on every z": "{z} 透過這一層的活化值影響成本。由連鎖律，經過每個活化值的影響要相加；在 softmax 層，"
    "每個活化值都與每個加權輸入有關，所以每一項都要算：",
    "sign of delta": "誤差是它的負值：",
    "cost slope": "第一個因子，用{name}成本函數來算，是",
    "cost slope as given": "成本函數 {name}的斜率是隨它一起給定的程式，沒有公式可以列出。",
    "softmax error of the output": "用上面的引理，總和可以化簡：",
    "BP1 in matrices": "把所有神經元與所有樣本合在一起，其中 {⊙} 表示逐元素相乘：",
    "with both filled in": "把兩個因子代入：",
    "with both filled in for neurons": "把兩個因子代入，對{neurons}：",
    "lemma canonical": "{activation}的斜率與{cost}成本互相消去",
    "lemma no slope": "{activation}輸出配上{cost}成本",
    "lemma canonical why": "成本對 {z} 的偏導數是兩個斜率的乘積：",
    "lemma softmax why": "期望輸出的總和是 1，即 {one}。所以",
    "so the output error is": "所以輸出神經元的誤差是",
    "no slope is left": "式中不再有斜率：神經元即使錯得離譜而且飽和，仍然學得快。",
    "lemma softmax": "softmax 的偏導數",
    "lemma softmax quotient": "由商的微分法則，其中 {I} 在 {k = j} 時是 1，否則是 0：",
    # -------------------------------------------------------------------------------------------- hidden layers
    "hidden errors": "情形二：隱藏層的誤差",
    "no hidden layer": "這個網路沒有隱藏層，誤差不必再往回傳。",
    "through the next layer": "對 {l} = {layers}：{z} 只能透過後一層的加權輸入影響成本。由連鎖律，經過後一層每個神經元 "
    "{k} 的影響要相加：",
    "through the next layer one": "{z} 只能透過第 {after} 層的加權輸入影響成本。由連鎖律，經過該層每個神經元 {k} 的影響要"
    "相加：",
    "next z is": "第二個因子要看後一層的加權輸入怎麼來：",
    "put together": "第一個因子是 {known}，已經求出來了。所以",
    "matrix form of BP2": "總和是對 {w} 的第一個指標求的；寫成矩陣，就是它的轉置乘上 {δ}。",
    "matrix form of BP2 in rows": "總和是對 {w} 的第二個指標求的；寫成矩陣，就是 {δ} 乘上它的轉置。",
    "layer of a kind": "第 {layers} 層：{name}",
    "layers of a kind": "第 {layers} 層：{name}",
    "hidden softmax": "這一層的每個活化值都與該層每個加權輸入有關。所以先求成本對 {a} 的偏導數，再用 softmax 的偏導數求誤"
    "差：",
    "one modified neuron": "各神經元之間，不同的只有斜率。",
    "for these neurons": "對{neurons}（{name}）：",
    "neuron": "神經元 {neurons}",
    "neurons": "神經元 {neurons}",
    "lemma linear": "線性神經元把誤差原樣往回傳",
    "lemma linear why": "恆等函數的斜率是 1，所以只剩下權重：",
    # --------------------------------------------------------------------------------------- gradients and update
    "gradients": "梯度",
    "only its own z": "{w} 只能透過 {z} 影響成本：",
    "both factors": "兩個因子都已知：{delta} 來自反向傳播，{a} 來自前向傳播。",
    "biases have the factor 1": "偏差是直接加進 {z} 裡的，所以它的第二個因子是 1：",
    "summed over the batch": "各樣本的成本相加，偏導數也跟著相加：",
    "in training": "訓練時另外加上的",
    "in training is": "以上是網路本身的一次傳遞。訓練時，其中一些數會在途中改變，之後的計算都用改變後的數。",
    "lemma smoothing": "平滑後的期望輸出",
    "smoothing is": "0 或 1 的期望輸出往 {n} 個輸出的平均靠近一點，所有公式中的 {y} 都指這樣改過的值：",
    "smoothing means": "所以正確類別的輸出趨向 {one}，其他類別的輸出趨向 {zero}。一個樣本的期望輸出若總和原本是 1，改過之後"
    "仍然是 1。",
    "noise is": "{xi} 在每一步為每個樣本重新抽取，服從平均為 0、標準差為 {sd} 的常態分布。",
    "mask is": "遮罩 {r} 的每個數以機率 {p} 為 0，否則為 {scale}，使活化值的平均保持不變；每一步都為每個神經元、每個樣本重"
    "新抽取。這裡的 {p}：{shares}。",
    "share dropped": "第 {l} 層是 {share}",
    "mask in errors": "由連鎖律，斜率有同樣的因子，誤差也有：",
    "dropped goes on": "後一層以及它權重的梯度，用的是此後的活化值；斜率則由此前的活化值求得。",
    "m is the sum of weights": "每個樣本算作 {omega} 次，{m} 是這些數的總和。",
    "update": "更新",
    "update is": "最佳化器是{name}。以下用 {theta} 表示任何一個矩陣 {w}{and_b}，{nabla} 是它的梯度，已對 {m} 個樣本求和。",
    "and_b": " 或 {b}",
    "the penalty": "大的權重也要付出成本。加上{name}懲罰項之後，要變小的是 C/m + ({lmbda}/{n}) R，其中 R 是所有權重 {w} "
    "的 {R} 的總和，{n} 是訓練樣本的總數。{R} 的斜率是 {slope}，所以權重的梯度要加上它：",
    "sentence": "{text}",
    "of weights alone": "這只對權重做，不對偏差做。",
    "held weights": "在第 {layers} 層，有些權重被固定：可以改變的權重，{f} 是 1，被固定的是 0；{h} 是被固定的權重的值，其他"
    "為 0。",
    "length starts at 0": "{length} 在每一步都從 0 開始，全部加完之後，才縮短各個梯度。",
    "slot starts at 0": "{letters} 從 0 開始。",
    "slots start at 0": "{letters} 從 0 開始。",
    "updates are counted": "{t} 是這次更新的次序，從 1 算起。",
    "rates": "這裡 {rates}。",
    "share is subtracted": "把梯度代入，每個權重都減去它所通往的誤差的一份：",
    "share is added": "把梯度代入，每個權重都加上它所通往的誤差的一份：",
    "weights shrink": "懲罰項變成了因子 {factor}：它讓每個權重都縮小一點。",
    # ---------------------------------------------------------------------------------------------- the whole step
    "whole step": "完整的一步",
    "whole step is": "訓練的一步所要計算的全部，依序如下：",
    "equation": "方程式",
    "formula": "公式",
    "shape": "大小",
    "like": "同 {of}",
    "w and b": "{w}、{b}",
    "one number": "一個數",
    "checked": "以上 {lines} 行公式，每一行都由印出來的文字重新讀入並計算：用一個形式相同的小網路，權重與樣本都是隨機的，"
    "共比較 {comparisons} 次，等號兩邊相差不到 1e-12。像 {∂Cₓ/∂z} 這樣的偏導數是用前向模式求得的，沒有用到這裡的任何公式"
    "。",
}
