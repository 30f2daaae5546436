#pragma once
// For a probe that uses a path in our own thread, where the one that waits for all conditions would
// sleep with it on a file system whose server hangs: the path of a unix socket, a file of
// authorities. The path is looked at first, in a thread that can be left behind; until that has
// answered, the probe behind is not begun.

#include <toolkit/probe/probe.hpp>

#include <memory>
#include <string>

namespace toolkit::probe {

/// `inner` itself where there is no path. What the look finds does not matter, only that it ends:
/// the probe behind has the words for a path that is not there.
[[nodiscard]] std::unique_ptr<Probe> path_first(std::string path, std::unique_ptr<Probe> inner);

}  // namespace toolkit::probe
