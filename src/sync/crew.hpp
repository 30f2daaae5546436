#pragma once
// The threads of a pass, and in which order and company they are given the tasks.

#include "pass.hpp"
#include "work_queue.hpp"

#include <vector>

namespace toolkit::sync {

class Crew {
 public:
  /// Borrows both.
  Crew(Session& session, const PassOptions& options);

  /// From the walking thread. In a last pass nothing is begun before all is known.
  void add(Task task);
  /// What is still held back goes out; comes back when all is done.
  void finish();
  /// The file is at the destination, for passes to come.
  void note(const std::string& destination, const store::Entry& entry);

 private:
  using Job = std::vector<Task>;
  void flush_batch();
  void hand_over_held_back();
  void work(Job& job);
  [[nodiscard]] Error out_of_time(const Task& task) const;

  Session& session_;
  const PassOptions& options_;
  store::Capabilities can_;
  Job batch_;
  Job held_back_;
  WorkQueue<Job> queue_;
};

}  // namespace toolkit::sync
