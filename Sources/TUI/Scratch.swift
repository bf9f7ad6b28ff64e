import Devices
import Graph
import Workbench
struct Remedy: Sendable { enum Kind: Sendable { case edit(Edit), device(Device), waive }; var kind: Kind; var title: String; struct Price { var parameters, multiplyAccumulates, weightBytes, errorsBefore, errorsAfter: Int }; var price: Price?; var remark: String; var isSafe: Bool }
struct PathStep { var layer, shape, role: String }
struct EditPreview { struct Line { var text: String; var isAdded: Bool }; var lines: [Line]; func summary(_ arrow: String) -> String { "" } }
extension Bench { func remedies(for: Finding) -> [Remedy] { [] }; func path(of: Finding) -> [PathStep] { [] }; func preview(_ e: Edit) -> EditPreview? { nil }
  func safeFixes() -> Edit? { nil }; func passingRules(of: String?) -> [String] { [] } }
