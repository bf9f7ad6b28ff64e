/// How well the boxes of a data set were found.
///
/// Shares are 0 ... 1; nil where there is no object that they could be of. Averages over classes leave out those without
/// objects.
public struct DetectionResult: Hashable, Sendable {
    /// The mean average precision over overlaps of .50, .55, ... .95.
    public var map: Double?
    /// The mean average precision at an overlap of .50.
    public var map50: Double?
    /// The mean average precision at an overlap of .75.
    public var map75: Double?
    /// As `map`, of objects of up to 32 x 32 pixels of the stored picture.
    public var mapSmall: Double?
    /// As `map`, of objects of 32 x 32 to 96 x 96 pixels.
    public var mapMedium: Double?
    /// As `map`, of larger objects.
    public var mapLarge: Double?
    /// The share of objects that are found with 100 detections a picture and class, as a mean over the same overlaps.
    public var recall100: Double?
    /// The mean over classes of Pascal VOC's average precision over all points at an overlap of .50.
    public var voc50: Double?
    /// Each class by itself, in the order of the task.
    public var classes: [Class]
    /// Which class was found for which, at an overlap of .50, of detections with a score of .25 and above.
    public var confusion: ConfusionMatrix

    /// How well the boxes of one class were found.
    public struct Class: Hashable, Sendable {
        /// The objects that count.
        public var count = 0
        /// The average precision over overlaps of .50, .55, ... .95.
        public var ap: Double?
        /// The average precision at an overlap of .50.
        public var ap50: Double?
        /// The average precision at an overlap of .75.
        public var ap75: Double?
        /// As `ap`, of small objects.
        public var apSmall: Double?
        /// As `ap`, of objects of medium size.
        public var apMedium: Double?
        /// As `ap`, of large objects.
        public var apLarge: Double?
        /// The share of its objects that are found at all, as a mean over the same overlaps.
        public var recall100: Double?
        /// Pascal VOC's average precision over all points at an overlap of .50.
        public var voc50: Double?
        /// Where recall and precision at an overlap of .50 have their largest harmonic mean; nil where nothing is found right.
        public var best: Point?
        /// The share of objects that are found at an overlap of .50 whatever their score.
        public var largestRecall: Double?
        /// The precision at recalls of 0, .01, ... 1 at an overlap of .50; empty where there is no object.
        public var curve: [Double] = []

        /// The recall at the best harmonic mean with precision, at an overlap of .50; nil where there is no object.
        public var recall: Double? { count == 0 ? nil : best?.recall ?? 0 }
        /// The precision at the best harmonic mean with recall, at an overlap of .50; nil where there is no object.
        public var precision: Double? { count == 0 ? nil : best?.precision ?? 0 }
    }

    /// What the detections from a score on are worth.
    public struct Point: Hashable, Sendable {
        /// The least score that counts.
        public var score: Float
        /// The share of objects that are found.
        public var recall: Double
        /// The share of detections that are right.
        public var precision: Double

        /// The harmonic mean of both.
        public var f1: Double {
            recall + precision > 0 ? 2 * recall * precision / (recall + precision) : 0
        }
    }

    init(_ classes: [Class], _ confusion: ConfusionMatrix) {
        func mean(_ value: (Class) -> Double?) -> Double? { classes.compactMap(value).mean }
        self.classes = classes
        self.confusion = confusion
        map = mean(\.ap)
        map50 = mean(\.ap50)
        map75 = mean(\.ap75)
        mapSmall = mean(\.apSmall)
        mapMedium = mean(\.apMedium)
        mapLarge = mean(\.apLarge)
        recall100 = mean(\.recall100)
        voc50 = mean(\.voc50)
    }
}

extension Collection<Double> {
    /// The mean; nil of nothing.
    var mean: Double? { isEmpty ? nil : reduce(0, +) / Double(count) }
}
