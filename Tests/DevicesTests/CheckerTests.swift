import Devices
import Graph
import TestTraits
import Testing

/// Reports as a whole: order, waivers, several chips.
@Suite("Reports", .limited)
struct CheckerTests {
    /// Two Maxpool2D that T02 does not have, and a recommended setting.
    private let lines = ["Conv2D clip=5.0", "p: Maxpool2D stride=1", "q: Maxpool2D padding=1", "Conv2D"]

    @Test("advice comes before warnings and warnings before errors")
    func severities() {
        #expect(Severity.advice < .warning && Severity.warning < .error)
        #expect(Severity.allCases.sorted() == [.advice, .warning, .error])
    }

    @Test("a waived finding shows its reason and does not count; other layers are as before")
    func waivers() throws {
        let network = try Network(lines: lines)
        let waiver = Waiver(rule: "maxpool-window", layer: "p", reason: "the camera pools")
        let before = Checker.report(network, on: .t02)
        let after = Checker.report(network, on: .t02, waivers: [waiver])
        #expect(before.count(.error) == 2 && after.count(.error) == 1)
        #expect(
            after.findings.map { Broken($0.rule, $0.layer) }
                == before.findings.map { Broken($0.rule, $0.layer) })
        for finding in after.findings {
            let isMeant = finding.rule == waiver.rule && finding.layer == waiver.layer
            #expect(finding.waived == (isMeant ? "the camera pools" : nil))
        }
    }

    @Test("a waiver of another rule, or of a layer that is not there, changes nothing")
    func otherWaivers() throws {
        let network = try Network(lines: lines)
        let waivers = [
            Waiver(rule: "maxpool-window", layer: "r", reason: "?"),
            Waiver(rule: "unpool-window", layer: "p", reason: "?"),
            Waiver(rule: "no-such-rule", layer: "p", reason: "?"),
        ]
        #expect(
            Checker.report(network, on: .t02, waivers: waivers).findings
                == Checker.report(network, on: .t02).findings)
    }

    @Test("of two waivers of one finding the later reason counts")
    func twice() throws {
        let waivers = ["first", "second"].map { Waiver(rule: "maxpool-window", layer: "p", reason: $0) }
        let findings = Checker.report(try Network(lines: lines), on: .t02, waivers: waivers).findings
        #expect(findings.compactMap(\.waived) == ["second"])
    }

    @Test("a chip takes a network once its last error is waived, whatever it is warned about")
    func accepts() throws {
        let network = try Network(lines: lines)
        let waivers = ["p", "q"].map { Waiver(rule: "maxpool-window", layer: $0, reason: "measured") }
        #expect(!Checker.report(network, on: .t02).accepts)
        #expect(!Checker.report(network, on: .t02, waivers: [waivers[0]]).accepts)
        let report = Checker.report(network, on: .t02, waivers: waivers)
        #expect(report.accepts && report.count(.warning) == 1 && report.count(.advice) == 1)
    }

    @Test("a layer with three faults has three findings, the worst first")
    func allAtOnce() throws {
        let network = try Network(lines: [
            "asked: Conv2D stride=3 kernelHeight=5 activation=Hswish clip=5.0", "Conv2D",
        ])
        let findings = Checker.report(network, on: .t02).findings.filter { $0.layer == "asked" }
        #expect(
            findings.map(\.rule)
                == ["convolution-activation", "convolution-kernel", "convolution-stride", "clip-recommended"])
        #expect(findings.map(\.severity) == [.error, .error, .warning, .advice])
    }

    @Test("findings stand in the order of the layers, the network's own first", arguments: Device.allCases)
    func order(device: Device) throws {
        for name in Sample.broken {
            let network = try Sample(name).network
            let findings = Checker.report(network, on: device).findings
            let places = findings.map { $0.layer.flatMap { network.index(of: $0) } ?? -1 }
            #expect(places == places.sorted())
            let ranks = Dictionary(uniqueKeysWithValues: Rule.all.enumerated().map { ($1.id, $0) })
            for (first, second) in zip(findings, findings.dropFirst()) where first.layer == second.layer {
                #expect(first.severity >= second.severity)
                if first.severity == second.severity, first.layer != nil {
                    #expect((ranks[first.rule] ?? 0) < (ranks[second.rule] ?? 0))
                }
            }
        }
    }

    @Test("reports on several chips are each chip's own, in the order asked for")
    func severalChips() throws {
        let network = try Sample("network-t40").network
        let waiver = Waiver(rule: "batch-norm-negative", layer: "bn1", reason: "the manual's own")
        for devices in [Device.allCases, [.xs2, .t02, .txx, .t40], [.t41], []] {
            let reports = Checker.reports(on: network, for: devices, waivers: [waiver])
            #expect(reports.map(\.device) == devices)
            for report in reports {
                let own = Checker.report(network, on: report.device, waivers: [waiver])
                #expect(report.findings == own.findings)
            }
        }
    }

    @Test("a network without layers breaks nothing", arguments: Device.allCases)
    func empty(device: Device) {
        let report = Checker.report(Network(), on: device)
        #expect(report.findings.isEmpty && report.accepts)
    }

    @Test("numbers that are no numbers are no mean and no variance", arguments: [Double.nan, .infinity])
    func notFinite(number: Double) throws {
        var mean = Preprocess()
        mean.mean = number
        var variance = Preprocess()
        variance.variance = -number
        for preprocess in [mean, variance] {
            let network = try Network(lines: []).applying(
                .replace(layer: "preprocess", with: preprocess.layer))
            #expect(Checker.broken(network, on: .t40).contains(Broken("preprocess-variance", "preprocess")))
        }
    }

    @Test("Focus may follow a BatchNorm, which does not convolve")
    func focusAfterBatchNorm() throws {
        let network = try Network(lines: ["BatchNorm(preprocess)", "Conv2D focus=true"])
        #expect(Checker.broken(network, on: .t40).isEmpty)
    }

    @Test("a convolution from one channel to one has one group, and is no depthwise convolution")
    func oneChannel() throws {
        let network = try Network(lines: ["input data 1x8x8", "p: Preprocess(data)", "Conv2D outChannels=1"])
        #expect(Checker.broken(network, on: .t40).isEmpty)
    }

    @Test("chips are named in any case")
    func deviceNames() {
        #expect(Device(name: "t40") == .t40 && Device(name: "TXX") == .txx && Device(name: "xs2") == .xs2)
        #expect(Device(name: "T30") == nil && Device(name: "") == nil)
        #expect(Device.allCases.map(\.description) == Device.allCases.map(\.rawValue))
    }

    @Test("the NPU family is T40, T41 and T02")
    func families() {
        for device in Device.allCases {
            #expect(device.family == ([Device].npu.contains(device) ? .npu : .simd))
        }
    }
}
