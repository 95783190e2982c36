"""English: what is said of the reverse network and of the chain of matrices."""

from __future__ import annotations

WORDS = {
    "reverse title": "The reverse network {sizes}",
    "reverse head": "Backpropagation is the forward pass of another network. It has the same weights, transposed, and in "
    "place of each neuron an amplifier: it multiplies what comes in by the slope of the neuron, a constant that the "
    "forward pass has fixed. Fed with the derivatives of the cost by the outputs, it computes every error.",
    "reverse convention": "In every convention, an error is here the derivative of the cost by z, and a column has an "
    "entry for each neuron.",
    "reverse softmax": "A softmax layer has no amplifiers of its own for each neuron: what comes in is multiplied by its "
    "Jacobian, in which each neuron takes part in the error of all.",
    "reverse saturated start": "The output is so saturated that the slope of the cost and that of the neurons have no "
    "digits; the reverse network starts from their product, a − y.",
    "reverse one of": "Shown is the first of {m} examples; the gains of the others are others.",
    "drawing": "The reverse network, with the gain of each amplifier and the errors that run through it.",
    "layer column": "layer {l}",
    "more neurons drawn": "{n} more",
    "legend direction": "Errors run from right to left.",
    "legend amplifier": "◁ multiplies by its gain, which the forward pass has fixed.",
    "legend dashed": "Dashed: a negative weight.",
    "legend hatched": " Hatched: saturated, a gain under 0.05.",
    "described gains": "Layer {l}: gains {gains}",
    "described errors": "; errors {errors}.",
    "gains": "Amplifiers",
    "gains table": "The gains of each layer. One that is near 0 passes next to nothing on: the weights before it hardly "
    "learn.",
    "column layer": "layer",
    "column neurons": "neurons",
    "column least": "least gain",
    "column most": "largest gain",
    "column saturated": "under 0.05",
    "column error": "largest error",
    "chain": "The chain of matrices",
    "chain head": "Written with matrices alone, every error is one product: the slopes of a layer on the diagonal of a "
    "matrix, the transposed weights, the slopes of the layer after it, and so on up to the slope of the cost.",
    "chain numbers": "With the numbers of this example, for the layers whose chain fits in a line:",
    "chain too large": "The matrices of this network are too large to be written out with their numbers.",
    "order": "The order counts",
    "order head": "The product may be taken from either end. From the right there is a vector at each step: that is "
    "backpropagation. From the left there are matrices, each a derivative of one layer by another: that is what "
    "forward mode has to carry. The result is the same; the multiplications are not.",
    "column right": "from the right",
    "column left": "from the left",
    "chain read back": "{n} lines were read back from their printed characters and compared with the pass; the product "
    "agrees with its errors to {error}.",
}
