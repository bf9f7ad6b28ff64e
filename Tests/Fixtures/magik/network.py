"""A module as the vendor's manual writes one: blocks of convolution, and flags where its author thought of them."""
import torch
import torch.nn as nn


class ConvBlock(nn.Module):
    def __init__(self, channels, features, kernel, stride, padding, is_quantize, first_layer, input_bits, BITW, BITA):
        super(ConvBlock, self).__init__()
        self.conv = ops.Conv2D(
            channels, features, stride=stride, kernel_h=kernel, kernel_w=kernel, activation_fn=None,
            enable_batch_norm=True, enable_bias=False, quantize=is_quantize, padding=padding, first_layer=first_layer,
            weight_bitwidth=BITW, input_bitwidth=input_bits, output_bitwidth=BITA, clip_max_value=6.0,
            target_device="T40", auto_bitwidth=False)

    def forward(self, value):
        return self.conv(value)


class Network(nn.Module):
    def __init__(self, is_quantize=False, BITA=32, BITW=32):
        super(Network, self).__init__()
        common = (is_quantize, False, BITA, BITW, BITA)
        self.preprocess = ops.Preprocess(0, 255.0, target_device="T40")
        self.bn = ops.BatchNorm(3, None, is_quantize, True, 8, BITA, target_device="T40")
        self.conv0 = ConvBlock(3, 32, 3, 1, 1, is_quantize, False, 8, BITW, BITA)
        self.maxpool = ops.Maxpool2D(target_device="T40")
        self.conv1 = ConvBlock(32, 32, 3, 1, 1, *common)
        self.route = ops.Route(target_device="T40")
        self.conv2 = ConvBlock(64, 32, 3, 2, 1, *common)
        self.conv3 = ConvBlock(32, 64, 3, 1, 1, *common)
        self.unpool = ops.Unpool2D(2, 2, target_device="T40", quantize=is_quantize)
        self.conv4 = ConvBlock(64, 64, 3, 1, 1, *common)
        self.conv5 = ConvBlock(64, 64, 3, 1, 1, *common)
        self.shortcut = ops.Shortcut(
            64, quantize=is_quantize, input_bitwidth=BITA, output_bitwidth=BITA, clip_max_value=2.0, target_device="T40")
        self.bn1 = ops.BatchNorm(64, ops.PReLU(64), is_quantize, False, BITA, BITA, target_device="T40")
        self.deep = nn.Sequential(
            ConvBlock(64, 128, 3, 2, 1, *common), ConvBlock(128, 256, 3, 2, 1, *common), ConvBlock(256, 256, 3, 2, 1, *common))
        self.rnn = ops.LSTM(
            256, 256, bidirectional=True, batch_first=True, use_squeeze=True, quantize=is_quantize, input_bitwidth=BITA,
            output_bitwidth=BITA, weight_bitwidth=BITW, target_device="T40")
        self.flatten = ops.Flatten([-1, 256 * 2], target_device="T40")
        self.fc1 = ops.FullConnected(
            256 * 2, 128, enable_batch_norm=True, quantize=is_quantize, activation_fn=None, last_layer=False,
            weight_bitwidth=BITW, input_bitwidth=BITA, output_bitwidth=BITA, clip_max_value=6.0, target_device="T40")
        self.fc2 = ops.FullConnected(
            128, 10, enable_bias=True, quantize=is_quantize, activation_fn=None, last_layer=True, weight_bitwidth=BITW,
            input_bitwidth=BITA, output_bitwidth=32, clip_max_value=6.0, target_device="T40")
        self.sigmoid = torch.nn.Sigmoid()

    def forward(self, image):
        first = self.conv0(self.bn(self.preprocess(image)))
        max1 = self.maxpool(first)
        joined = self.route([max1, self.conv1(max1)])
        wide = self.conv4(self.unpool(self.conv3(self.conv2(joined))))
        max2 = self.maxpool(wide)
        total = self.bn1(self.shortcut([max2, self.conv5(max2)]))
        rnn, _ = self.rnn(self.deep(total))
        return self.sigmoid(self.fc2(self.fc1(self.flatten(rnn))))
