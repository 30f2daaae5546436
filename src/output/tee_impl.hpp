#pragma once
// The tee itself. One read buffer serves both streams: what the log cannot take of it yet stays
// there as `rest_`, and no source is read meanwhile. What a console cannot take it keeps itself.

#include "pump.hpp"
#include "tail.hpp"
#include "tee_health.hpp"

#include <toolkit/output/tee.hpp>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::output {

// A short run writes its few log lines at its end, without a thread.
constexpr Milliseconds kStartLog{20};

class TeeImpl final : public Tee {
 public:
  TeeImpl(TeeOptions options, std::unique_ptr<LogFile> log);
  ~TeeImpl() override;

  [[nodiscard]] Result<void> open_pipes() override;
  void attach_terminal(UniqueFd master) override;
  [[nodiscard]] int child_end(Stream stream) const override;
  void close_child_ends() override;
  void collect(std::vector<pollfd>& entries) const override;
  [[nodiscard]] SteadyTime next_deadline() const override;
  void dispatch(const pollfd* entries, std::size_t count, WallTime now, SteadyTime steady) override;
  [[nodiscard]] bool open_sources() const override;
  [[nodiscard]] SteadyTime last_output() const override { return last_output_; }
  void drain(WallTime now, SteadyTime steady) override;
  void close(Milliseconds limit, WallTime now) override;
  void note(Level level, std::string_view source, std::string_view words, WallTime now) override;
  void say(std::string_view line, SteadyTime steady) override;
  void reopen_log() override;
  [[nodiscard]] std::string tail(Stream stream) const override;
  [[nodiscard]] TeeStats stats() const override;
  [[nodiscard]] std::vector<std::string> take_warnings() override;

 private:
  struct Source {
    Stream stream;
    Pump pump;
    Console console;
    ConsoleHealth health;
    Tail tail;
    std::optional<Stamper> prefix;  // of a prefixed console
    std::uint64_t bytes = 0;
    std::uint64_t newlines = 0;  // where no stamper counts the lines
    bool flowing = false;        // more than a few lines have come
    bool partial = false;        // the last line has no newline yet
    std::size_t drain_budget = 0;
  };
  struct Moment {
    WallTime wall;
    SteadyTime steady;
  };

  [[nodiscard]] static Source make_source(Stream stream, int fd, const char* name,
                                          const TeeOptions& options);
  [[nodiscard]] const Source& source(Stream stream) const {
    return sources_[static_cast<std::size_t>(stream)];
  }
  [[nodiscard]] bool held(const Source& source) const {
    return !rest_.empty() || source.console.pending();
  }

  // tee_flow.cpp: bytes from sources to consoles and log
  void pump(Source& source, Moment now, int rounds);
  void flow(Source& source);
  void nap_if_tiny(const Source& source, std::size_t count, Moment now);
  void take(Source& source, std::string_view bytes, Moment now);
  void to_console(Source& source, std::string_view bytes, Moment now);
  void feed_log(Moment now, LogFile::WhenFull when_full);
  void count_lines(Source& source, std::string_view bytes) const;
  void drop_if_log_stalls(Moment now);
  void look_at_log();
  void tick(Moment now);
  void finish_lines(Moment now);

  // tee_close.cpp: the end
  void refill_budgets();
  [[nodiscard]] bool drain_once(Moment now);
  [[nodiscard]] bool log_is_full() const;
  void drain_patiently(Milliseconds limit);
  void give_up_on_what_holds();
  void wait_for_sinks(SteadyTime until);
  void flush_consoles(SteadyTime until);

  TeeOptions options_;
  std::unique_ptr<LogFile> log_;
  Stamper stamper_;
  std::array<Source, 2> sources_;
  LogHealth log_health_;
  std::unique_ptr<char[]> buffer_;
  std::size_t read_size_;
  Stream rest_stream_ = Stream::out;
  std::string_view rest_;      // in buffer_: what the log has not taken yet
  SteadyTime log_progress_{};  // when it last took something of rest_
  bool log_stalled_ = false;
  SteadyTime start_log_at_ = SteadyTime::max();
  bool flowing_ = false;  // some source is
  std::size_t piece_ = 128;
  SteadyTime last_output_;
  SteadyTime last_read_{};
  SteadyTime nap_until_ =
      SteadyTime::max();  // sources are left alone until then; max(): they are not
  std::string scratch_;
  std::vector<std::string> warnings_;
  bool output_open_ = false;
};

}  // namespace toolkit::output
