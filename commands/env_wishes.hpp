#pragma once
// What `env` and `run --with-env` are told about who we are, made sure of.

#include <toolkit/base/result.hpp>
#include <toolkit/cluster/identity.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace toolkit::commands {

/// `prefix` is what the options' names have in front of "provider" and "nproc": "--" of `env`,
/// "--with-env-" of `run`.
[[nodiscard]] Result<cluster::Wishes> wishes_of(std::string_view prefix,
                                                const std::string& provider,
                                                const std::optional<int>& processes);

}  // namespace toolkit::commands
