#pragma once
// The tails of many small growing files in one call of the store.

#include "session.hpp"
#include "snapshot.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace toolkit::sync {

class TailBatch {
 public:
  explicit TailBatch(Session& session) : session_(session) {}

  /// Proves what is there. False: it is not a tail that is wanted, or not surely.
  [[nodiscard]] bool add(Task& task, std::unique_ptr<store::Content> content);
  /// Sends all of them; `done` is told of each that is there. Comes back with the others.
  [[nodiscard]] std::vector<Task*> send(const std::function<void(const Task&)>& done);

 private:
  struct Item {
    Task* task;
    std::unique_ptr<Snapshot> content;
    store::Entry now;
    std::uint64_t offset;  // so many bytes of it are there
    std::string why;
  };
  [[nodiscard]] bool is_sent(Item& item, const Result<void>& result);

  Session& session_;
  std::vector<Item> items_;
};

}  // namespace toolkit::sync
