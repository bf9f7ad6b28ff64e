import Graph

// Products.
extension LayerNumbers {
    mutating func convolution() {
        let rows = layer.rows
        let columns = layer.columns
        guard let (kernel, shape) = former("weight"), let shapeNow = self.shape("weight") else { return }
        let groups = old.groups(of: shape)
        let groupsNow = new.groups(of: shapeNow)
        let taps = KernelTaps(from: old, formerlyRead, to: new, read, padsBothSides: padsBothSides)
        if taps.drops { notes.append(.dropsTaps(layer: new.name)) }
        let size = (old: shape[2] * shape[3], new: shapeNow[2] * shapeNow[3])
        if rows.isIdentity, columns.isIdentity, shape == shapeNow, groups == groupsNow {
            numbers[name("weight")] = kernel
            finish("weight", rows)
            return slopes()
        }
        var result = [Float](repeating: 0, count: shapeNow.reduce(1, *))
        let rowsPerGroup = shape[0] / groups
        let rowsPerGroupNow = shapeNow[0] / groupsNow
        var found = 0
        for row in 0..<shapeNow[0] {
            let source = Int(rows.sources[row])
            guard source >= 0 else { continue }
            let group = source / rowsPerGroup
            for column in 0..<shapeNow[1] {
                let channel = Int(columns.sources[row / rowsPerGroupNow * shapeNow[1] + column])
                let inside = channel - group * shape[1]
                guard channel >= 0, (0..<shape[1]).contains(inside) else { continue }
                found += 1
                let from = (source * shape[1] + inside) * size.old
                let to = (row * shapeNow[1] + column) * size.new
                for (tap, old) in taps.sources.enumerated() where old >= 0 {
                    result[to + tap] = kernel[from + old]
                }
            }
        }
        if groups != groupsNow, groupsNow > 1 {
            let kept = rows.sources.count { $0 >= 0 }
            if found < kept * min(shape[1], columns.sources.count { $0 >= 0 }) {
                notes.append(.dropsBetweenGroups(layer: new.name))
            }
        }
        numbers[name("weight")] = result
        finish("weight", rows)
        slopes()
    }

    mutating func transposed() {
        if after.facts.family == .npu {
            product("weight", layer.rows, layer.columns)
            finish("weight", layer.rows)
        } else {
            rowsAlone("depthwiseWeight", layer.columns)
            product("pointwiseWeight", layer.rows, layer.columns)
            finish("pointwiseWeight", layer.rows)
        }
        slopes()
    }

    /// A dense product, all taps of the kernel as they are.
    mutating func product(_ tensor: String, _ rows: ChannelMap, _ columns: ChannelMap) {
        guard let (matrix, shape) = former(tensor), let shapeNow = self.shape(tensor) else { return }
        let taps = shape.dropFirst(2).reduce(1, *)
        if rows.isIdentity, columns.isIdentity, shape == shapeNow {
            numbers[name(tensor)] = matrix
            return
        }
        var result = [Float](repeating: 0, count: shapeNow.reduce(1, *))
        for row in 0..<shapeNow[0] where rows.sources[row] >= 0 {
            let start = Int(rows.sources[row]) * shape[1]
            for column in 0..<shapeNow[1] where columns.sources[column] >= 0 {
                let from = (start + Int(columns.sources[column])) * taps
                let to = (row * shapeNow[1] + column) * taps
                for tap in 0..<taps { result[to + tap] = matrix[from + tap] }
            }
        }
        numbers[name(tensor)] = result
    }

    /// A tensor that has a row for each channel.
    mutating func rowsAlone(_ tensor: String, _ rows: ChannelMap) {
        guard let (matrix, shape) = former(tensor), let shapeNow = self.shape(tensor) else { return }
        let row = shape.dropFirst().reduce(1, *)
        var result = [Float](repeating: 0, count: shapeNow.reduce(1, *))
        for (index, source) in rows.sources.enumerated() where source >= 0 {
            for place in 0..<row { result[index * row + place] = matrix[Int(source) * row + place] }
        }
        numbers[name(tensor)] = result
    }

    mutating func squeezeExcite() {
        guard let (matrix, shape) = former("reduceWeight"), let shapeNow = self.shape("reduceWeight") else {
            return
        }
        let inner = shape[0]
        let innerNow = shapeNow[0]
        var kept = Array(0..<inner)
        if innerNow < inner {
            let norms = kept.map { row in
                matrix[row * shape[1]..<(row + 1) * shape[1]].reduce(0) { $0 + Double($1) * Double($1) }
            }
            kept = kept.sorted { (norms[$1], $0) < (norms[$0], $1) }.prefix(innerNow).sorted()
            notes.append(.keeps(layer: new.name, channels: innerNow, of: inner))
        }
        let inside = ChannelMap(keeping: kept, of: inner, count: innerNow)
        product("reduceWeight", inside, layer.columns)
        finish("reduceWeight", inside, bias: "reduceBias", prefix: "reduce.")
        product("expandWeight", layer.columns, inside)
        finish("expandWeight", layer.columns, bias: "expandBias", prefix: "expand.")
    }

    mutating func recurrent(_ lstm: LSTM) {
        guard case .lstm(let former) = old.layer else { return }
        let hidden = former.hiddenSize
        let hiddenNow = lstm.hiddenSize
        let states = layer.rows.sources.prefix(hiddenNow).map { Int($0) < hidden ? Int($0) : -1 }
        for direction in ["forward", "backward"].prefix(min(former.directions, lstm.directions)) {
            let weight = "\(direction).weight"
            let bias = "\(direction).bias"
            guard let (matrix, shape) = self.former(weight), let shapeNow = self.shape(weight) else {
                continue
            }
            let reads = shape[1] - hidden
            let readsNow = shapeNow[1] - hiddenNow
            var result = [Float](repeating: 0, count: shapeNow.reduce(1, *))
            for gate in 0..<4 {
                for (state, source) in states.enumerated() where source >= 0 {
                    let from = (gate * hidden + source) * shape[1]
                    let to = (gate * hiddenNow + state) * shapeNow[1]
                    for column in 0..<readsNow where layer.columns.sources[column] >= 0 {
                        result[to + column] = matrix[from + Int(layer.columns.sources[column])]
                    }
                    for (column, other) in states.enumerated() where other >= 0 {
                        result[to + readsNow + column] = matrix[from + reads + other]
                    }
                }
            }
            numbers[name(weight)] = result
            let biases = self.former(bias)?.values
            guard self.shape(bias) != nil else {
                if biases?.contains(where: { $0 != 0 }) ?? false { notes.append(.dropsBias(layer: new.name)) }
                continue
            }
            var made = [Float](repeating: 0, count: 4 * hiddenNow)
            for gate in 0..<4 {
                for (state, source) in states.enumerated() where source >= 0 {
                    made[gate * hiddenNow + state] = biases?[gate * hidden + source] ?? 0
                }
            }
            numbers[name(bias)] = made
        }
    }

    mutating func table() {
        guard let (table, shape) = former("weight"), let shapeNow = self.shape("weight") else { return }
        var result = [Float](repeating: 0, count: shapeNow.reduce(1, *))
        for row in 0..<min(shape[0], shapeNow[0]) {
            for column in 0..<shapeNow[1] {
                let source = Int(layer.rows.sources[column])
                if (0..<shape[1]).contains(source) {
                    result[row * shapeNow[1] + column] = table[row * shape[1] + source]
                }
            }
        }
        numbers[name("weight")] = result
    }
}

extension Node {
    /// The groups of a convolution whose weights have these axes.
    fileprivate func groups(of shape: [Int]) -> Int {
        if case .conv2D(let conv) = layer { conv.groups } else { shape[0] }
    }
}
