#pragma once
// The makers of all probes, one a scheme; schemes.cpp has the table. Each lives in the file named
// after it.

#include <toolkit/probe/probe.hpp>

namespace toolkit::probe {

using Made = tl::expected<std::unique_ptr<Probe>, condition::Mistake>;

Made make_tcp(const condition::Leaf& leaf, const Settings& settings);
Made make_unix(const condition::Leaf& leaf, const Settings& settings);
Made make_http(const condition::Leaf& leaf, const Settings& settings);  // http and https
Made make_dns(const condition::Leaf& leaf, const Settings& settings);
Made make_file(const condition::Leaf& leaf, const Settings& settings);
Made make_log(const condition::Leaf& leaf, const Settings& settings);
Made make_exec(const condition::Leaf& leaf, const Settings& settings);
Made make_port_free(const condition::Leaf& leaf, const Settings& settings);
Made make_mount(const condition::Leaf& leaf, const Settings& settings);
Made make_disk(const condition::Leaf& leaf, const Settings& settings);
Made make_memory(const condition::Leaf& leaf, const Settings& settings);
Made make_gpu_free(const condition::Leaf& leaf, const Settings& settings);
Made make_postgres(const condition::Leaf& leaf, const Settings& settings);
Made make_mysql(const condition::Leaf& leaf, const Settings& settings);
Made make_redis(const condition::Leaf& leaf, const Settings& settings);
Made make_barrier(const condition::Leaf& leaf, const Settings& settings);
Made make_join(const condition::Leaf& leaf, const Settings& settings);
Made make_store(const condition::Leaf& leaf, const Settings& settings);
Made make_job(const condition::Leaf& leaf, const Settings& settings);
Made make_pid(const condition::Leaf& leaf, const Settings& settings);

/// A mistake in a piece of a leaf, for the caret.
[[nodiscard]] tl::unexpected<condition::Mistake> mistake(const condition::Leaf& leaf,
                                                         const condition::Piece& at,
                                                         std::string message,
                                                         std::string remedy = {});
/// The first parameter whose key is not among `known` is a mistake; nothing when there is none.
[[nodiscard]] std::optional<condition::Mistake> unknown_parameter(
    const condition::Leaf& leaf, std::initializer_list<std::string_view> known);

}  // namespace toolkit::probe
