#pragma once
// Whether a file at the destination is the source's, as far as listings tell. Pure.

#include <toolkit/store/store.hpp>

namespace toolkit::sync {

/// Times as two stores keep them: one of them may know whole seconds only (SFTP), and then these
/// are compared.
[[nodiscard]] bool same_time(std::int64_t one, std::int64_t other);

/// rsync's quick check: same size, same time. Only for stores that keep times.
[[nodiscard]] bool looks_unchanged(const store::Entry& source, const store::Entry& destination);

}  // namespace toolkit::sync
