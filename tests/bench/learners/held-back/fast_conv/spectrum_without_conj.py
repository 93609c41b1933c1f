# assignment: fast_conv
# question: conv2d_fft
# function: conv2d_fft
# kind: values
# says: The product of two spectra turns the kernel: take the conjugate of one of them.
# shows: id spectrum-not-conjugated, unflipped-and-cropped-in-front
# shows: line Fy = (Fx[:, None] * Fw[None]).sum(dim=2)
# also: id oversized-kernel-wraps, fft-channel-broadcast, fft-negative-padding-crops
import torch
import torch.nn.functional as F

def conv2d_fft(X, W, b=None, padding=0):
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    X = F.pad(X, (pw, pw, ph, ph))
    H, Wd = X.shape[2:]
    kh, kw = W.shape[2:]
    Fx = torch.fft.rfft2(X)
    Fw = torch.fft.rfft2(W, s=(H, Wd))
    Fy = (Fx[:, None] * Fw[None]).sum(dim=2)
    Y = torch.fft.irfft2(Fy, s=(H, Wd))[:, :, :H - kh + 1, :Wd - kw + 1]
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)
