#include "tree_events.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>

namespace toolkit::sync {

TreeEvents::TreeEvents() : fd_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {}

void TreeEvents::watch(const std::string& directory) {
  if (!fd_) {
    return;
  }
  // A directory that is watched already stays so; one that is gone takes its watch with it.
  const int watch = ::inotify_add_watch(
      fd_.get(), directory.c_str(),
      IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR);
  // Numbers of watches are not used again, inotify(7).
  new_ = new_ || (watch >= 0 && watched_.insert(watch).second);
}

void TreeEvents::drain() {
  std::array<char, 16384> buffer;
  while (fd_ && ::read(fd_.get(), buffer.data(), buffer.size()) > 0) {
  }
}

}  // namespace toolkit::sync
