#pragma once
// What may tell a probe between its attempts that something has changed.

#include <poll.h>

namespace toolkit::probe {

class Events {
 public:
  virtual ~Events() = default;
  /// Before each look; may block, and is called where that is allowed.
  virtual void aim() {}
  /// For poll(2); an fd of -1 is ignored by it.
  [[nodiscard]] virtual pollfd entry() const = 0;
  /// The entry was ready.
  virtual void hear() = 0;
  [[nodiscard]] virtual bool stirred() const = 0;
  virtual void calm() = 0;
  /// An errno once when events cannot be had, so that only the clock remains; else 0.
  [[nodiscard]] virtual int take_trouble() { return 0; }
};

}  // namespace toolkit::probe
