#include <poll.h>
#include <tests/unit/output/tee_loop.hpp>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace toolkit::output {

using std::chrono::steady_clock;
using std::chrono::system_clock;

TeeOptions TeeLoop::raw_options() {
  TeeOptions options;
  options.log.emplace();
  options.log->retry = Milliseconds(50);
  options.stamp.format = LogFormat::raw;
  options.stall_limit = Milliseconds(300);
  options.tail_bytes = 16;
  return options;
}

TeeLoop::TeeLoop(TeeOptions options) {
  if (options.log && options.log->path.empty()) {
    options.log->path = log_path();
  }
  if (options.stdout_fd == STDOUT_FILENO) {
    options.stdout_fd = out.writer.get();
    options.stderr_fd = err.writer.get();
  }
  auto tee = Tee::open(std::move(options));
  REQUIRE_MESSAGE(tee.has_value(), tee.error().message);
  tee_ = std::move(*tee);
  REQUIRE(tee_->open_pipes());
}

std::string TeeLoop::log_text() { return support::read_file_or_empty(log_path()); }

void TeeLoop::step(Milliseconds limit) {
  entries_.clear();
  tee_->collect(entries_);
  const auto until = std::min(tee_->next_deadline(), steady_clock::now() + limit);
  const auto left = std::chrono::ceil<Milliseconds>(until - steady_clock::now()).count();
  if (::poll(entries_.data(), entries_.size(), static_cast<int>(std::max<std::int64_t>(left, 0))) <=
      0) {
    std::for_each(entries_.begin(), entries_.end(), [](pollfd& entry) { entry.revents = 0; });
  }
  tee_->dispatch(entries_.data(), entries_.size(), system_clock::now(), steady_clock::now());
  for (std::string& warning : tee_->take_warnings()) {
    warnings.push_back(std::move(warning));
  }
  if (read_consoles) {
    out_text += out.read_now();
    err_text += err.read_now();
  }
}

bool TeeLoop::run_until(const std::function<bool()>& done) {
  const auto until = steady_clock::now() + std::chrono::seconds(20);
  while (!done()) {
    if (steady_clock::now() > until) {
      return false;
    }
    step();
  }
  return true;
}

void TeeLoop::write(Stream stream, std::string_view bytes) {
  REQUIRE(::write(tee_->child_end(stream), bytes.data(), bytes.size()) ==
          static_cast<ssize_t>(bytes.size()));
}

void TeeLoop::close(Milliseconds limit) {
  tee_->close(limit, system_clock::now());
  for (std::string& warning : tee_->take_warnings()) {
    warnings.push_back(std::move(warning));
  }
  if (read_consoles) {
    out_text += out.read_now();
    err_text += err.read_now();
  }
}

bool TeeLoop::warned(std::string_view words) const {
  return std::count_if(warnings.begin(), warnings.end(), [&](const std::string& warning) {
           return warning.find(words) != std::string::npos;
         }) == 1;
}

pid_t spawn_writer(Tee& tee, const std::function<void()>& body) {
  std::fflush(nullptr);  // or the child's end writes the test report's buffer again, under TSan
  const pid_t pid = ::fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    ::dup2(tee.child_end(Stream::out), STDOUT_FILENO);
    ::dup2(tee.child_end(Stream::err), STDERR_FILENO);
    tee.close_child_ends();
    body();
    ::_exit(0);
  }
  tee.close_child_ends();
  return pid;
}

}  // namespace toolkit::output
