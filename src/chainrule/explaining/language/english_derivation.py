"""English: the derivation."""

from __future__ import annotations

WORDS = {
    "title": "Backpropagation in the network {sizes}",
    # ---------------------------------------------------------------------------------------------- the network
    "the network": "The network",
    "layer": "layer",
    "number of neurons": "neurons",
    "activation function": "activation function {σ}({z})",
    "shape of w": "shape of {w}",
    "shape of b": "shape of {b}",
    "the input": "the input",
    "function": "{name}: {f}",
    "functions of their own": "functions of their own",
    "function of neurons": "{name} (neurons {neurons})",
    "function of neuron": "{name} (neuron {neurons})",
    "own functions": "In a layer whose neurons have functions of their own, {σⱼ} is the function of neuron {j}.",
    "the cost": "The cost of one example {x}, whose desired outputs are {y}, is the {name} cost:",
    "the cost of a mini-batch": "A mini-batch has {m} examples. {C} is the sum of their costs, and training makes the "
    "mean, {C/m}, small.",
    "targets sum to 1": "The outputs of a softmax layer sum to 1, and so do the desired outputs.",
    # --------------------------------------------------------------------------------------------- forward pass
    "forward": "Forward pass",
    "forward is": "For {l} = {layers}, the weighted input of neuron {j} is the sum of the activations of the layer "
    "before, each times its weight{biased}:",
    "biased": ", plus a bias",
    "activation is": "Its activation is a function of that:",
    "activation of layers is": "Its activation is a function of that; for {l} = {layers}:",
    "softmax of layers is": "In the layers {layers}, each a softmax, it is a share of the whole:",
    "softmax is": "In layer {layers}, a softmax, it is a share of the whole:",
    "in matrices": "For all neurons of a layer and all examples at once, in matrices:",
    # ------------------------------------------------------------------------------------------------- the error
    "the error": "What is wanted",
    "what is wanted subtract": "Training needs the derivative of the cost by each weight and each bias. They all act "
    "through weighted inputs {z}, so the derivative by {z} comes first. It is called the error of the neuron:",
    "what is wanted add": "Training needs the derivative of the cost by each weight and each bias. They all act through "
    "weighted inputs {z}, so the derivative by {z} comes first. Its negative is called the error of the neuron here:",
    "why delta": "Where {delta} is near 0, no small change of {z} makes the cost much smaller. Where it is large, one "
    "does.",
    "plan": "What follows finds {δ} in the output layer (case 1), then from layer to layer backwards (case 2), and from "
    "{δ} all gradients.",
    # --------------------------------------------------------------------------------------------------- slopes
    "slopes": "The slopes of the activation functions",
    "lemma slope": "the slope of {name}",
    "with a for": "Let {a} stand for {sigma}.",
    "slope as given": "The slope of {name} is a program that was given with it; there is no formula to show.",
    # --------------------------------------------------------------------------------------------- output layer
    "output error": "Case 1: the error of the output layer, layer {layers}",
    "only its own a": "{z} acts on the cost through the activations of its layer. By the chain rule, the effects through "
    "each of them add up. But only {a} depends on {z}, so one term of the sum is left:",
    "every a depends on every z": "{z} acts on the cost through the activations of its layer. By the chain rule, the "
    "effects through each of them add up; in a softmax layer, each activation depends on each weighted input, so every "
    "term counts:",
    "sign of delta": "The error is the negative of that:",
    "cost slope": "The first factor, of the {name} cost, is",
    "cost slope as given": "The slope of the cost {name} is a program that was given with it; there is no formula to show.",
    "softmax error of the output": "With the lemma, the sum is short:",
    "BP1 in matrices": "For all neurons and examples at once, where {⊙} multiplies element by element:",
    "with both filled in": "With both factors filled in:",
    "with both filled in for neurons": "With both factors filled in, for {neurons}:",
    "lemma canonical": "the slope of {activation} cancels with the {cost} cost",
    "lemma no slope": "{activation} outputs with the {cost} cost",
    "lemma canonical why": "The derivative of the cost by {z} is the product of both slopes:",
    "lemma softmax why": "The desired outputs sum to 1, {one}. So",
    "so the output error is": "So the error of an output neuron is",
    "no slope is left": "No slope is left in it: a neuron that is wrong but saturated still learns fast.",
    "lemma softmax": "the derivatives of softmax",
    "lemma softmax quotient": "By the quotient rule, where {I} is 1 for {k = j} and 0 otherwise:",
    # -------------------------------------------------------------------------------------------- hidden layers
    "hidden errors": "Case 2: the errors of the hidden layers",
    "no hidden layer": "There is no hidden layer, so no error has to go further back.",
    "through the next layer": "For {l} = {layers}: {z} acts on the cost only through the weighted inputs of the next "
    "layer. By the chain rule, the effects through each of its neurons {k} add up:",
    "through the next layer one": "{z} acts on the cost only through the weighted inputs of layer {after}. By the chain "
    "rule, the effects through each of its neurons {k} add up:",
    "next z is": "The second factor follows from how the next weighted input is made:",
    "put together": "The first factor is {known}, which is known already. So",
    "matrix form of BP2": "The sum runs over the first index of {w}: in matrices that is its transpose, times {δ}.",
    "matrix form of BP2 in rows": "The sum runs over the second index of {w}: in matrices that is {δ} times its transpose.",
    "layer of a kind": "Layer {layers}: {name}",
    "layers of a kind": "Layers {layers}: {name}",
    "hidden softmax": "Each activation of this layer depends on each of its weighted inputs. So the derivative by {a} "
    "comes first, and then, with the derivatives of softmax, the error:",
    "one modified neuron": "The neurons differ in nothing but their slope.",
    "for these neurons": "For {neurons}, {name}:",
    "neuron": "neuron {neurons}",
    "neurons": "neurons {neurons}",
    "lemma linear": "linear neurons hand errors on as they are",
    "lemma linear why": "The slope of the identity is 1, so only the weights are left:",
    # --------------------------------------------------------------------------------------- gradients and update
    "gradients": "The gradients",
    "only its own z": "{w} acts on the cost only through {z}:",
    "both factors": "Both factors are known: {delta} from the backward pass, {a} from the forward pass.",
    "biases have the factor 1": "A bias is added to {z} as it is, so its second factor is 1:",
    "summed over the batch": "Costs of examples add up, and so do their derivatives:",
    "in training": "What training adds",
    "in training is": "Everything above is the pass of the network itself. In training, some of its numbers are changed on "
    "the way; what is computed after that uses the changed ones.",
    "lemma smoothing": "smoothed targets",
    "smoothing is": "A desired output of 0 or 1 is moved towards the mean of the {n} outputs, and {y} stands for that in "
    "every formula:",
    "smoothing means": "So an output of the right class is pushed to {one}, any other to {zero}. The desired outputs of an "
    "example still have the sum that they had, if that was 1.",
    "noise is": "{xi} is drawn anew for each example in each step, from a normal distribution with mean 0 and standard "
    "deviation {sd}.",
    "mask is": "Each number of the mask {r} is 0 with probability {p} and {scale} otherwise, so that the mean of an "
    "activation stays what it is; it is drawn anew for each neuron and example in each step. Here {p} is {shares}.",
    "share dropped": "{share} in layer {l}",
    "mask in errors": "By the chain rule, the slope has the same factor, and so has the error:",
    "dropped goes on": "The next layer and the gradient of its weights use the activation after dropping; the slope is "
    "that before it.",
    "m is the sum of weights": "Each example counts {omega} times, and {m} is the sum of these numbers.",
    "update": "The update",
    "update is": "The optimizer is {name}. Below, {theta} is any of the matrices {w}{and_b}, and {nabla} its gradient, "
    "summed over the {m} examples.",
    "and_b": " and {b}",
    "the penalty": "Large weights cost something, too. With the {name} penalty, the cost to be made small is C/m + ("
    "{lmbda}/{n}) R, where R is the sum of {R} over all weights {w}, and {n} is the number of training examples. The "
    "slope of {R} is {slope}. So the gradient of the weights grows by it:",
    "sentence": "{text}",
    "of weights alone": "This is done to the weights alone, not to the biases.",
    "held weights": "Weights of layer {layers} are held, some or all: {f} is 1 for a weight that may change, 0 for one "
    "that is held, and {h} is the value at which it is held, 0 for the others.",
    "length starts at 0": "{length} starts at 0 in each step, and is complete before any gradient is shortened.",
    "slot starts at 0": "{letters} starts at 0.",
    "slots start at 0": "{letters} start at 0.",
    "updates are counted": "{t} is the number of this update, counted from 1.",
    "rates": "Here {rates}.",
    "share is subtracted": "With the gradient filled in, each weight loses a share of the error that it leads to:",
    "share is added": "With the gradient filled in, each weight gains a share of the error that it leads to:",
    "weights shrink": "The penalty has become the factor {factor}: it makes every weight a little smaller.",
    # ---------------------------------------------------------------------------------------------- the whole step
    "whole step": "The whole step",
    "whole step is": "This is all that is computed in one step of training, in this order:",
    "equation": "equation",
    "formula": "formula",
    "shape": "shape",
    "like": "like {of}",
    "w and b": "{w}, {b}",
    "one number": "a number",
    "checked": "Each of the {lines} lines above was read back from its printed text and computed, on a small network of "
    "this form with random weights and examples, {comparisons} times in all. Both sides agree to 1e-12. Derivatives such "
    "as {∂Cₓ/∂z} were found by forward mode, which uses none of these formulas.",
}
