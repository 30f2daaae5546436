#pragma once
// Small objects of which there must be one owner.

#include "s3_probe.hpp"

namespace toolkit::store {

/// As Store::create_exclusively(). By If-None-Match where the server proved to heed it; elsewhere
/// by candidates beside it: each writes one, then looks, and who sees another one withdraws. Two
/// that come at the same time may then both withdraw, but never both win, as long as listings show
/// what was written before (as S3's have done since 2020).
[[nodiscard]] Result<void> create_exclusively(const S3Place& place, S3Verdicts& verdicts,
                                              const std::string& key, std::string_view bytes);

/// As Store::replace_if_same(). By If-Match, quoted and unquoted (Ceph); where the server has no
/// conditions, what is there is compared before and after, and a writer in between is lost. What
/// must not be there any more is removed where a DELETE proved to heed its condition; else kNothing
/// stays: between a look and a DELETE somebody else's claim may have come.
[[nodiscard]] Result<void> replace_if_same(const S3Place& place, const S3Verdicts& verdicts,
                                           const std::string& key, std::string_view old_bytes,
                                           std::string_view new_bytes);

}  // namespace toolkit::store
