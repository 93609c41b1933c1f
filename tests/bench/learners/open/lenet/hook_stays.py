# assignment: lenet
# question: feature_maps
# function: feature_maps
# kind: values
# says: The hooks are never removed, and the model stays in evaluation mode.
# shows: id map-hooks-left-behind, maps-leave-evaluation-mode
import torch
from torch import nn

def feature_maps(model, X):
    maps = []
    def make(name):
        def hook(module, inp, out):
            maps.append((name, out.detach().clone()))
        return hook
    for name, m in model.named_modules():
        if isinstance(m, nn.Conv2d):
            m.register_forward_hook(make(name))
    model.eval()
    with torch.no_grad():
        model(X)
    return maps
