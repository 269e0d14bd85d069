"""What a trained policy needs to act: features of a UI tree, decoding, the ONNX session; no torch, and no name of any task."""
