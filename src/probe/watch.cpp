#include "watch.hpp"

#include <toolkit/base/unique_fd.hpp>

#include <sys/inotify.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <vector>

namespace toolkit::probe {
namespace {

// IN_MASK_ADD: what one of us wants of an inode must not take away what another one does.
constexpr std::uint32_t kOfTarget = IN_MASK_ADD | IN_MODIFY | IN_ATTRIB | IN_CLOSE_WRITE |
                                    IN_DELETE_SELF | IN_MOVE_SELF | IN_CREATE | IN_DELETE | IN_MOVE;
constexpr std::uint32_t kOfParent = IN_MASK_ADD | IN_ONLYDIR | IN_CREATE | IN_DELETE | IN_MOVE |
                                    IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB;

struct Subscription {
  int watch = -1;    // watch descriptor
  std::string name;  // of the entry of a directory that is meant; empty: everything
  Watch* subscriber = nullptr;
};

// All watches of the process. Locked, since paths are aimed at in threads of their own.
class Hub {
 public:
  Hub() : fd_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)), error_(fd_ ? 0 : errno) {}

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] int error() const { return error_; }

  // In place of what this subscriber had.
  void replace(const Watch* subscriber, std::vector<Subscription> wanted) {
    const std::lock_guard guard(lock_);
    std::vector<int> dropped;
    std::erase_if(subscriptions_, [&](const Subscription& old) {
      if (old.subscriber == subscriber) {
        dropped.push_back(old.watch);
      }
      return old.subscriber == subscriber;
    });
    for (Subscription& subscription : wanted) {
      subscriptions_.push_back(std::move(subscription));
    }
    for (const int watch : dropped) {
      if (std::ranges::find(subscriptions_, watch, &Subscription::watch) == subscriptions_.end()) {
        ::inotify_rm_watch(fd_.get(), watch);
      }
    }
  }

  void drain() {
    alignas(inotify_event) char buffer[4096];
    while (true) {
      const ssize_t count = ::read(fd_.get(), buffer, sizeof buffer);
      if (count <= 0) {
        if (count < 0 && errno == EINTR) {
          continue;
        }
        return;
      }
      const std::lock_guard guard(lock_);
      for (ssize_t at = 0; at < count;) {
        const auto* event = reinterpret_cast<const inotify_event*>(buffer + at);
        tell(*event);
        at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      }
    }
  }

 private:
  // IN_Q_OVERFLOW has no watch and concerns everybody.
  void tell(const inotify_event& event) {
    const std::string_view name = event.len > 0 ? std::string_view(event.name) : "";
    for (const Subscription& subscription : subscriptions_) {
      if (event.wd == -1 ||
          (event.wd == subscription.watch &&
           (name.empty() || subscription.name.empty() || name == subscription.name))) {
        subscription.subscriber->stir();
      }
    }
  }

  UniqueFd fd_;
  int error_ = 0;
  std::mutex lock_;
  std::vector<Subscription> subscriptions_;
};

// Never destroyed: threads that were left behind use it at any time.
Hub& hub() {
  static Hub* const instance = new Hub;
  return *instance;
}

// "/a", "b" of "/a/b"; ".", "a" of "a"; "/", "" of "/".
std::pair<std::string, std::string> split_last(std::string path) {
  while (path.size() > 1 && path.back() == '/') {
    path.pop_back();
  }
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) {
    return {".", path};
  }
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

}  // namespace

Watch::Watch(std::string path) : path_(std::move(path)), trouble_(hub().error()) {}

Watch::~Watch() { rest(); }

void Watch::rest() {
  aimed_ = false;
  hub().replace(this, {});
}

pollfd Watch::entry() const { return {hub().fd(), POLLIN, 0}; }

void Watch::hear() { hub().drain(); }

int Watch::take_trouble() { return trouble_.exchange(0); }

// Most of what a look costs, and only an event makes it necessary; but none tells of a mount.
void Watch::aim() {
  constexpr int kLooks = 20;
  const bool due = !aimed_ || stirred_since_.exchange(false) || ++looks_ % kLooks == 0;
  if (hub().fd() < 0 || !due) {
    return;
  }
  aimed_ = true;
  int error = 0;
  const auto add = [&](const std::string& path, std::uint32_t mask) {
    const int watch = ::inotify_add_watch(hub().fd(), path.c_str(), mask);
    error = watch < 0 && (errno == ENOSPC || errno == ENOMEM) ? errno : error;
    return watch;
  };
  std::vector<Subscription> found;
  if (const int watch = add(path_, kOfTarget); watch >= 0) {
    found.push_back({watch, "", this});
  }
  // From the path upwards to a directory that can be watched, and then down again: what was missing
  // may have been made meanwhile, before anything was watched.
  std::vector<std::pair<std::string, std::string>> levels{split_last(path_)};
  int watch = add(levels.back().first, kOfParent);
  while (watch < 0 && levels.back().first != "/" && levels.back().first != ".") {
    levels.push_back(split_last(levels.back().first));
    watch = add(levels.back().first, kOfParent);
  }
  for (std::size_t level = levels.size(); watch >= 0 && level-- > 0;) {
    found.push_back({watch, levels[level].second, this});
    watch = level > 0 ? add(levels[level - 1].first, kOfParent) : -1;
  }
  if (error != 0) {
    trouble_ = error;
  }
  hub().replace(this, std::move(found));
}

}  // namespace toolkit::probe
