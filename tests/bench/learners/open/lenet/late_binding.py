# assignment: lenet
# question: feature_maps
# function: feature_maps
# kind: values
# says: The name is bound late: every hook sees the last name.
# shows: id names-bound-late
import torch
from torch import nn

def feature_maps(model, X):
    maps, handles = [], []
    was = model.training
    model.eval()
    for name, m in model.named_modules():
        if isinstance(m, nn.Conv2d):
            handles.append(m.register_forward_hook(lambda mod, i, o: maps.append((name, o.detach().clone()))))
    with torch.no_grad():
        model(X)
    for h in handles:
        h.remove()
    model.train(was)
    return maps
