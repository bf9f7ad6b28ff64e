public import Devices
public import Editing
public import Graph
public import QAT
public import Sessions

/// A probe of a session's network: what it measured with its weights, and its diagnoses.
public struct Inspection: Sendable {
    /// The network as its chip sees it.
    public let analysis: Analysis
    /// What was seen.
    public let report: ProbeReport
    /// What stands out, in the order of the network.
    public let diagnoses: [Diagnosis]

    /// Looks at a report of a network; its advice is for the layers, and was not tried on the whole network.
    public init(_ report: ProbeReport, of analysis: Analysis, on device: Device) {
        self.init(
            report, of: analysis, saying: Diagnostics(report, of: analysis, on: device).diagnoses)
    }

    init(_ report: ProbeReport, of analysis: Analysis, saying diagnoses: [Diagnosis]) {
        self.report = report
        self.analysis = analysis
        self.diagnoses = diagnoses
    }

    /// The same, without what a document accepts.
    public func accepted(by document: Document) -> Inspection {
        Inspection(report, of: analysis, saying: diagnoses.filter { !document.accepts($0) })
    }

    /// The same, with advice for weights that were learned behind their quantizers, or were not.
    public func suiting(weightsTrainedQuantized: Bool) -> Inspection {
        Inspection(
            report, of: analysis, saying: diagnoses.suiting(weightsTrainedQuantized: weightsTrainedQuantized))
    }
}

extension Session {
    /// The request that looks at so many samples of a data set with the session's weights, as far as there are any, and
    /// the statistics that were trained with them.
    public func inspectionRequest(data: String?, samples: Int, seed: UInt64) throws -> ProbeRequest {
        var request = ProbeRequest(document.network, on: document.device.family)
        request.padsBothSides = document.device.padsBothSides
        request.data = data
        request.seed = seed
        request.weights = try carried ?? (path != file ? weights(isRequired: false) : nil)
        request.floatModel = try floatModel()
        request.take(samples: samples)
        request.measuresFolding = true
        request.comparesIntegers = true
        return request
    }
}
