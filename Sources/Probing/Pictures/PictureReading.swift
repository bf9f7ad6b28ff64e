import Datasets

/// Answers requests for pictures one after the other, and keeps the data set and its readers between them.
struct PictureReading {
    private var opened: (source: PictureSet, dataset: Dataset)?
    private var readers: [ReaderKey: PictureReader] = [:]

    private struct ReaderKey: Hashable {
        var split: Split
        var isAugmented: Bool
    }

    /// How many labels are looked up between two questions whether to go on.
    private static let labelsAtOnce = 256

    /// Answers a request; stops between two samples where `isReplaced` says that there is another.
    mutating func run(
        _ request: PictureRequest, isReplaced: () -> Bool, tell: (PictureUpdate) -> Void
    ) {
        let source = request.source
        func say(_ content: PictureUpdate.Content) { tell(PictureUpdate(source, content)) }
        let dataset: Dataset
        do throws(DatasetError) {
            dataset = try open(source)
        } catch {
            return say(.outline(.failure(error)))
        }
        if request.needsOutline { say(.outline(.success(PictureOutline(dataset)))) }
        for key in request.pictures {
            if isReplaced() { return }
            guard (0..<dataset.count(key.split)).contains(key.index) else { continue }
            say(.picture(key, picture(key, of: dataset, source.seed)))
        }
        guard var place = request.labels else { return }
        let count = dataset.count(place.split)
        while place.index < count, !isReplaced() {
            let end = min(count, place.index + PictureReading.labelsAtOnce)
            say(
                .labels(
                    place,
                    (place.index..<end).map {
                        Set(dataset.classes(of: $0, in: place.split)).sorted()
                    }))
            place.index = end
        }
    }

    private mutating func open(_ source: PictureSet) throws(DatasetError) -> Dataset {
        if let opened, opened.source == source { return opened.dataset }
        opened = nil
        readers = [:]
        let dataset = try source.open()
        opened = (source, dataset)
        return dataset
    }

    private mutating func picture(
        _ key: PictureKey, of dataset: Dataset, _ seed: UInt64
    ) -> Result<ShownPicture, DatasetError> {
        let place = ReaderKey(split: key.split, isAugmented: key.epoch != nil)
        var reader =
            readers[place]
            ?? PictureReader(dataset, split: key.split, isAugmented: place.isAugmented, seed: seed)
        defer { readers[place] = reader }
        do throws(DatasetError) {
            let picture = try reader.picture(key.index, epoch: key.epoch ?? 0)
            return .success(ShownPicture(picture, height: key.height, width: key.width))
        } catch {
            return .failure(error)
        }
    }
}
