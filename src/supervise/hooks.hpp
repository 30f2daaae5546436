#pragma once
// Commands around the child's life: --before, --on-stop, --after. They run through /bin/sh where
// the image has one, else their words are the program and its arguments.

#include "job.hpp"

#include <toolkit/environment/snapshot.hpp>
#include <toolkit/process/child.hpp>

#include <string>

namespace toolkit::supervise {

/// Starts a hook in a process group of its own, with our stdout and stderr.
[[nodiscard]] tl::expected<pid_t, process::SpawnError> start_hook(
    const std::string& command, const Job& job, const environment::Snapshot& environment);

}  // namespace toolkit::supervise
