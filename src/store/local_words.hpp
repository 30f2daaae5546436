#pragma once
// What people are told when a local file cannot be reached, with the cure: containers of one pod
// that run as different users are the usual reason (kubernetes.io, "Configure a Security Context").

#include <toolkit/base/result.hpp>

#include <string>
#include <string_view>

namespace toolkit::store {

enum class Access { read, write };

/// "<what> <path>: <errno words>". The kind is `unavailable` for what a network file system answers
/// while its server is away, else as system_error() says.
[[nodiscard]] Failure fail_local(std::string_view what, const std::string& path, int error,
                                 Access access);

}  // namespace toolkit::store
