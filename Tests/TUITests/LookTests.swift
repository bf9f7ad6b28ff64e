import Foundation
import Graph
import TestSupport
import Testing
import Workbench

@testable import TUI
@testable import Terminal

@Test("look")
func look() throws {
    for size in [Size.wide, .standard, .least] {
        var driver = try Driver(sample: "network-t40", size: size)
        print(driver.screen)
        driver.press(.down, .down, .down, .tab)
        print(driver.screen)
        driver.press("a")
        print(driver.screen)
        driver.press(.escape, ":")
        driver.type("qu")
        print(driver.screen)
        driver.press(.escape, "2")
        print(driver.screen)
        driver.press("t", .down, .down)
        print(driver.screen)
        driver.press(.escape, "?")
        print(driver.screen)
        driver.press(.escape, "4", "n")
        print(driver.screen)
    }
}
