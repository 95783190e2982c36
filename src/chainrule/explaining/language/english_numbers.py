"""English: what is said where there are numbers."""

from __future__ import annotations

WORDS = {
    "numbers title": "Backpropagation in the network {sizes}, with numbers",
    "numbers head one": "One example goes forward through the network, its error goes back, and every weight takes "
    "one step. Numbers have {digits} significant digits; one with fewer is exact but for float64's last bits. What "
    "is printed is computed with all of them, so the last digit of a result can differ by one from what a pocket "
    "calculator makes of the printed factors.",
    "numbers head many": "A mini-batch of {m} examples goes forward through the network, their errors go back, and "
    "every weight takes one step. Numbers have {digits} significant digits; one with fewer is exact but for "
    "float64's last bits. What is printed is computed with all of them, so the last digit of a result can differ by "
    "one from what a pocket calculator makes of the printed factors.",
    "counted book": "Layers and neurons are counted from 1; layer 1 is the input.",
    "counted zero": "Layers and neurons are counted from 0; layer 0 is the input.",
    "order": "In {w}, {to} is the neuron that the weight leads to, {by} the one that it comes from.",
    "drawn network": "The network with this example: the activation in each neuron, its error below it, the weights on "
    "the arrows (dashed where negative), in three digits.",
    "drawn wide network": "The network with this example: the activation in each neuron, its error below it, in three "
    "digits; weights beside the arrows where there is room. An arrow is dashed for a negative weight, and the thicker the "
    "larger it is.",
    "drawn first": "Drawn is the first example.",
    "drawn alt": "The network {sizes} with its activations, weights and errors, which all follow below.",
    "given": "What is given",
    "inputs": "The input.",
    "targets": "The desired output.",
    "one target": "The desired output: {y} is {value}, the {n} others are 0.",
    "largest of": "The {n} largest of {all} are shown.",
    "first of": "The first {n} of {all} examples are shown.",
    "example": "example {x}",
    "weights": "Layer {l}: a row for each neuron, the weight that each number coming in is multiplied by.",
    "weights in rows": "Layer {l}: a column for each neuron, the weight that each number coming in is multiplied by.",
    "weights in part": "Layer {l}: a few of its {n} weights.",
    "function of layer": "Layer {l}: {name}, {formula}",
    "functions within": "Layer {l}, neurons {neurons}: {name}, {formula}",
    "function of cost": "Cost of an output neuron: {name}, {formula}",
    "forward pass": "Forward pass",
    "first example": "The first example is shown in full, and after it a table of all.",
    "layer": "Layer {l}",
    "cost": "Cost",
    "saturated cost": "An output is so near the end of its range that its digits do not give the cost any more; the "
    "cost is computed from z.",
    "forward head": "Each neuron adds up what comes from the layer before, each number times its weight. So the "
    "derivative of z by a weight is the number that this weight is multiplied by: the first factor of the weight's "
    "gradient.",
    "factors": "The factors dz/dw of the weights into layer {l}:",
    "more neurons": "{n} further neurons of layer {l} are computed in the same way.",
    "more terms": "({n} more)",
    "backward pass": "Backward pass",
    "backward head subtract": "The second factor of a gradient is the error of the neuron that the weight leads to, "
    "dC/dz. There are two cases: an output neuron has its error from the cost; any other has it from the errors one "
    "layer further on.",
    "backward head add": "The second factor of a gradient is the error of the neuron that the weight leads to: here "
    "-dC/dz, target minus output, which is added to the weights. There are two cases: an output neuron has its error "
    "from the cost; any other has it from the errors one layer further on.",
    "layer case 1": "Layer {l}, case 1: the output layer",
    "layer case 2": "Layer {l}, case 2: not the output layer",
    "case 1": "How the cost changes with the output, times how steeply the output neuron responds.",
    "case 1 matched": "The outputs of a softmax depend on each other, but with this cost an error is the difference "
    "between the output and the desired output.",
    "case 1 softmax": "The outputs of a softmax depend on each other, so every dC/da has a part in every error.",
    "no slope": "Neurons of layer {l} whose slope is 0 here: {neurons}. No error goes back through them, and the gradients "
    "of the weights and the bias into them are 0.",
    "case 2": "The errors of layer {after} are known by now. Each comes back over the weight that led there; their "
    "sum is multiplied by the slope. The same step is repeated from layer to layer until the first weights are "
    "reached.",
    "case 2 again": "The errors of layer {after} are known by now, and come back in the same way.",
    "more errors": "{n} further neurons of layer {l} have smaller errors, computed in the same way.",
    "all examples": "All examples",
    "table of examples": "The same numbers for each example.",
    "gradient": "Gradient",
    "two factors": "The gradient of a weight is the product of its two factors: the error of the neuron that it "
    "leads to, times the activation that comes in over it.",
    "two factors summed": "The gradient of a weight is the product of its two factors, the error of the neuron that "
    "it leads to times the activation that comes in over it, summed over the {m} examples.",
    "gradient layer": "Into layer {l}:",
    "more weights": "{n} further weights into layer {l} have smaller gradients; together they have {share} of the "
    "sum of their sizes.",
    "update": "Update",
    "update head": "One step of {optimizer} with {eta} and {m}.",
    "update rates": "Its rates: {rates}. What it remembers from step to step starts at 0, and this is the first step.",
    "update penalty": "The penalty {name} with {lmbda} acts on the weights. The training set is taken to be "
    "what is given here, so {n}.",
    "update bound": "The gradient has a bound, {clip}.",
    "update layer": "Layer {l}:",
    "update layer few": "Layer {l}, where the gradients are largest:",
    "cost falls": "With the new weights, the cost is {after}, where it was {before}: the step went downhill.",
    "cost rises": "With the new weights, the cost is {after}, where it was {before}: the step did "
    "not go downhill. A smaller learning rate may.",
    "cost overflows": "With the new weights, the cost is too large for a number: the step was far "
    "too long. Take a smaller learning rate.",
    "read back": "{n} formulas and numbers of this page were read back from their printed characters and compared "
    "with the pass that they describe.",
    "weight title": "Where {gradient} comes from",
    "weight head": "The weight {weight} leads from neuron {k} of layer {before} to neuron {j} of layer {l}. Its "
    "gradient is a product of two factors: one comes from the inputs, forward through the network, the other from "
    "the cost, backward. Numbers have {digits} significant digits.",
    "many examples": "There are {m} examples; the first one is followed, and the gradient is the sum over all.",
    "factor forward": "The factor from the forward pass, {factor}",
    "factor backward": "The factor from the backward pass, {factor}",
    "is input": "{name} is {value}, an input.",
    "whose inputs": "What came in are activations of layer {l}:",
    "inputs reached": "What came in are now the inputs, layer {l}.",
    "whose errors": "The errors of layer {l} in it:",
    "cost reached": "The outputs act on the cost, and so the chain ends there:",
    "paths": "The sum over all paths",
    "path head": "Multiplied out, the gradient is a sum over paths: each goes from the weight's neuron through one "
    "neuron of every later layer to the cost. There are {sizes}{n}.",
    "path head one": "There is one path from the weight to the cost.",
    "paths not walked many": "Each example has its own sum over these paths.",
    "paths not walked softmax": "The activations of a hidden softmax layer depend on each other, so paths cross within it.",
    "path table": "Counted layer by layer, none of them walked: a neuron has as many paths as those of the next "
    "layer together.",
    "column layer": "layer",
    "column neurons": "neurons",
    "column paths": "paths from each to the cost",
    "path sum": "Their sum:",
    "update of": "The update of {name}",
    "update one": "One step of {optimizer} with the learning rate {eta}:",
    "neuron title": "Where the error of neuron {j} of layer {l} comes from",
    "neuron head": "Neuron {j} of layer {l}: what it computes, its error {error}, followed to the cost, and the "
    "gradients that the error is a factor of. Numbers have {digits} significant digits.",
    "neuron forward": "What it computes",
    "neuron backward": "Its error, {factor}",
    "neuron gradients": "The gradients",
    "more weights into": "Further weights into it: {n}.",
    "printed figures": "The figures of the source",
    "column number": "number",
    "column printed": "printed",
    "column computed": "computed",
    "figures of": "{source}.",
    "last digit": "In float64, the last digit can depend on the order of multiplications.",
    "printed changes": "The changes of the weights, those of the last layer first, a row for each input, as NumPy "
    "prints them:",
    "after updates": "{name} after {n} updates",
    "with input": "{name} of the input ({x})",
    "graph title": "e = (a + b)(b + 1): derivatives on a graph",
    "graph head": "The example of {source}, at a\u00a0=\u00a02, b\u00a0=\u00a01. Every operation is a vertex.",
    "graph alt": "The graph: a and b lead to c, b leads to d, c and d lead to e.",
    "graph edges": "Local derivatives",
    "graph edges say": "On each edge stands how fast its end changes with its start, all else being held.",
    "graph paths": "Sums over paths",
    "graph paths say": "A derivative is the sum over all paths, each with the product of its edges.",
    "graph modes": "Forward mode and reverse mode",
    "graph modes say": "Both do the sum without following paths one by one. Forward mode starts at one input and "
    "gives the derivative of every vertex by it; reverse mode starts at the output and gives its derivative by every "
    "vertex, so one sweep serves all inputs.",
    "column vertex": "vertex",
    "forward from": "forward, from {name}",
    "reverse from": "reverse, from {name}",
    "modes table": "Each sweep goes over each of the {touches} edges once.",
}
