#pragma once
// One rule by its id, and places to ask it about.

#include <toolkit/diagnosis/rule.hpp>

#include <string>
#include <vector>

namespace image_rules_test {

[[nodiscard]] std::vector<toolkit::diagnosis::Finding> ask(
    std::string_view id, const toolkit::gpu::Facts& facts,
    const toolkit::diagnosis::Expectations& expect = {});

/// "fail no_code image" of the first finding: status, variant, owner; "" for none.
[[nodiscard]] std::string verdict(std::string_view id, const toolkit::gpu::Facts& facts,
                                  const toolkit::diagnosis::Expectations& expect = {});

/// A machine with one GPU of this capability.
[[nodiscard]] toolkit::gpu::Facts place(const std::string& driver, const std::string& capability);

}  // namespace image_rules_test
