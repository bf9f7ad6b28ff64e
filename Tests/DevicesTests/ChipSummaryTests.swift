import Graph
import TestTraits
import Testing

@testable import Devices

@Suite("The table of chips", .limited)
struct ChipSummaryTests {
    /// 3 channels in, 40 out of the first convolution, 10 out of the second.
    private func two() throws -> Network {
        var first = Conv2D()
        (first.outChannels, first.padding) = (40, 1)
        var second = Conv2D()
        (second.outChannels, second.padding) = (10, 1)
        return try Network(
            inputs: [Input("image", .map(channels: 3, height: 8, width: 8))],
            nodes: [
                Node("a", .conv2D(first), inputs: ["image"]),
                Node("b", .conv2D(second), inputs: ["a"]),
            ])
    }

    private func summary(of network: Network, on device: Device) -> ChipSummary {
        let analysis = Analysis(network, on: device.family)
        return ChipSummary(Checker.report(on: analysis, for: device, waivers: []), analysis)
    }

    @Test("padding is what whole blocks add: 40 channels are 64 on the NPU and 48 on the SIMD family")
    func padding() throws {
        let network = try two()
        let first = 64 * 9 * 3 * 40
        let second = 64 * 9 * 40 * 10
        let npu = summary(of: network, on: .t40)
        #expect(npu.multiplyAccumulates == first + second)
        // The three channels of the first layer are not filled up.
        #expect(npu.paddedMultiplyAccumulates == 64 * 9 * 3 * 64 + 64 * 9 * 64 * 32)
        #expect(npu.blockProducts == npu.paddedMultiplyAccumulates / 1024)
        let simd = summary(of: network, on: .txx)
        #expect(simd.paddedMultiplyAccumulates == 64 * 9 * 3 * 48 + 64 * 9 * 48 * 16)
        #expect(simd.paddingShare < npu.paddingShare && simd.paddingShare > 0)
    }

    @Test("the peak has what a layer reads beside what it makes, in whole blocks")
    func peak() throws {
        let network = try two()
        // Float features take 4 bytes: 64 channels of a beside 32 of b.
        #expect(summary(of: network, on: .t40).peakFeatureBytes == 64 * 4 * (64 + 32))
        #expect(summary(of: network, on: .txx).peakFeatureBytes == 64 * 4 * (40 + 10))
    }

    @Test("the memory of features is known for T40 alone, and no other is made up")
    func memory() throws {
        let network = try two()
        for device in Device.allCases {
            #expect(summary(of: network, on: device).featureMemory == (device == .t40 ? 896 << 10 : nil))
        }
    }

    @Test("operators that a chip lacks are named once, and a network without products has no padding")
    func missing() throws {
        let network = try Network(
            inputs: [Input("image", .map(channels: 32, height: 8, width: 8))],
            nodes: [
                Node("p", .avgpool2D(Avgpool2D()), inputs: ["image"]),
                Node("q", .avgpool2D(Avgpool2D()), inputs: ["p"]),
            ])
        #expect(summary(of: network, on: .t02).missing == ["Avgpool2D"])
        #expect(summary(of: network, on: .t40).missing.isEmpty)
        #expect(summary(of: network, on: .t40).paddingShare == 0)
    }
}
