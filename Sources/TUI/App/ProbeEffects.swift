import Devices
import Editing
import Graph
import Probing
import QAT
import Runs
import Sessions
import Terminal
import Weights

// What looks at the network with its weights: the probe, its asides, sweeps, quantizing from data, samples.
extension ScreenProgram {
    func requestProbe() {
        revision += 1
        var request = request(for: screen.editor.document)
        request.revision = revision
        isProbing = true
        aside = nil
        probeWorker.submit(request, on: screen.editor.device)
    }

    /// A look at the network on the screen, or at what an edit would make of it, with the same samples.
    private func request(for document: Document) -> ProbeRequest {
        var request = ProbeRequest(document)
        request.floatModel = screen.editor.floatModel
        request.weights = weights(of: document)
        request.data = weightsData
        request.replacesUnreadData = true
        request.take(samples: screen.probe.samples)
        return request
    }

    /// Sweeps the network as it is on the screen, with the weights of the session.
    func sweep(over setting: SweepRequest.Setting, _ number: Int) {
        var look = ProbeRequest(screen.editor.document)
        look.floatModel = screen.editor.floatModel
        look.take(samples: SweepRequest.usualSamples)
        look.weights = weights(of: screen.editor.document)
        look.data = weightsData
        look.replacesUnreadData = true
        var request = SweepRequest(look, on: screen.editor.device)
        request.setting = setting
        let folder = files.session.flatMap { $0.path == $0.file ? nil : $0.path }
        let inbox = inbox
        probeWorker.sweep(request, cache: folder.map { SweepCache(folder: $0) }) {
            inbox.send(.swept(number, $0))
        }
    }

    /// Looks at what the remedies of view 2 or the advice of view 3 make of the network, one after the other, while nothing
    /// else is asked.
    func requestAside() {
        guard !isProbing, aside == nil else { return }
        if let (remedy, document) = screen.unknownGain {
            requestAside(document, for: .remedy(remedy, of: screen.rules.subject))
        } else if let (trial, document) = screen.untriedAdvice {
            requestAside(document, for: .advice(trial))
        }
    }

    private func requestAside(_ document: Document, for subject: Aside) {
        asides += 1
        var request = request(for: document)
        request.revision = -asides
        aside = (-asides, subject, document.network)
        probeWorker.submit(request, aside: true)
    }

    func take(_ report: ProbeReport, at time: Double) {
        guard report.revision < 0 else {
            // An answer may be to an older question: it is shown, dimmed.
            let isNewest = report.revision == revision
            if isNewest { isProbing = false }
            return screen.take(report, isNewest: isNewest, at: time)
        }
        // One that is no longer waited for is to a question about another network.
        guard let aside, aside.revision == report.revision else { return }
        self.aside = nil
        switch aside.subject {
        case .remedy(let remedy, let findings):
            // Another row may be chosen by now.
            guard findings == screen.rules.subject else { return }
            screen.take(report, ofRemedy: remedy, making: aside.network)
        case .advice(let trial): screen.take(report, of: trial)
        }
    }

    /// Quantizes the network as it is on the screen from data, on the worker's thread.
    func calibrate(_ options: CalibrationOptions, _ number: Int) {
        let (document, model, inbox) = (screen.editor.document, screen.editor.floatModel, inbox)
        let weights = self.weights(of: document)
        probeWorker.calibrate(
            CalibrationJob { progress in
                var request = try document.calibrationRequest(
                    of: model, weights, data: options.data, samples: options.samples, widths: options.widths,
                    seed: 1, progress: progress)
                request.method = options.method
                request.keepsClips = options.keepsClips
                request.learnsRounding = options.learnsRounding
                request.splitsSigns = !options.keepsMapsWhole
                return request
            } tell: {
                inbox.send(.calibrated(number, $0))
            })
    }

    /// Asks the network on the screen about samples, with the weights that it has.
    func judge(_ samples: [Int], _ ask: JudgeAsk?) {
        let document = screen.editor.document
        guard let ask, let dataset = screen.data.opened?.dataset, let weights = weights(of: document) else {
            return probeWorker.judge(nil)
        }
        let network = JudgedNetwork(
            document, weights: weights, floatModel: screen.editor.floatModel, loss: screen.judgedLoss)
        let inbox = inbox
        probeWorker.judge(
            JudgeOrder(
                network, number: ask.number, dataset: dataset, split: ask.split, indices: samples
            ) { inbox.send(.judged($0)) })
    }

    /// Has pictures read, by a thread that starts with the first ones.
    func showPictures(_ request: PictureRequest?) {
        if pictureWorker == nil, request != nil {
            let inbox = inbox
            pictureWorker = PictureWorker { inbox.send(.pictured($0)) }
        }
        pictureWorker?.show(request)
    }
}

extension ProbeRequest {
    /// A look at a document's network on its chip.
    init(_ document: Document) {
        self.init(document.network, on: document.device.family)
        padsBothSides = document.device.padsBothSides
    }
}
