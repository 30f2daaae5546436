#pragma once
// `run --check-gpu`: what `toolkit check-gpu` would say of the place and the environment that the
// child will meet.

#include <toolkit/base/result.hpp>
#include <toolkit/environment/snapshot.hpp>

namespace toolkit::supervise {

/// The error has the exit code of who must act. Warnings are told, and so is a driver that could
/// not be asked; neither stops anything.
[[nodiscard]] Result<void> check_gpus(const environment::Snapshot& variables);

}  // namespace toolkit::supervise
