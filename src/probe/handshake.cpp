#include "handshake.hpp"

#include "transport.hpp"

#include <toolkit/base/secret.hpp>
#include <toolkit/base/text.hpp>
#include <toolkit/net/stream.hpp>

#include <algorithm>

namespace toolkit::probe {
namespace {

constexpr int kTriesOnKept = 2;
// Of an attempt's time, for each try on a kept connection; the new one has the rest.
constexpr int kShare = 4;
// A server that closes sooner than this does so after each answer, which is no news: without a
// limit we would ask it in a circle.
constexpr Milliseconds kSettled{200};

Finding transport_finding(const net::Trouble& trouble) {
  Finding finding = finding_of(trouble);
  if (trouble.cause == net::Cause::closed) {
    finding.words = "closed the connection without an answer";
  }
  return finding;
}

class HandshakeProbe : public Probe {
 public:
  HandshakeProbe(net::Endpoint endpoint, MakeDialogue make_dialogue)
      : endpoint_(std::move(endpoint)), make_dialogue_(std::move(make_dialogue)) {}
  ~HandshakeProbe() override { hang_up(); }

  void begin(SteadyTime now, SteadyTime until) override {
    if (under_way_) {
      hang_up();  // the answer to what was asked there may still come
    }
    finding_.reset();
    under_way_ = true;
    stirred_ = false;
    until_ = until;
    share_ = (until - now) / kShare;
    if (stream_ && stream_->state() == net::Stream::State::open) {
      kept_ = true;
      tries_ = 0;
      ask_kept(now);
    } else {
      open_new();
    }
    go_on(now);
  }

  void collect(std::vector<pollfd>& entries) const override {
    if (stream_) {
      stream_->collect(entries);
    }
  }

  [[nodiscard]] SteadyTime next_deadline() const override {
    const auto streams = stream_ ? stream_->next_deadline() : SteadyTime::max();
    return under_way_ ? std::min(streams, try_ends_) : streams;
  }

  void advance(std::span<const pollfd> entries, SteadyTime now) override {
    if (stream_) {
      stream_->advance(entries, now);
    }
    if (under_way_) {
      go_on(now);
    } else if (stream_ && stream_->state() == net::Stream::State::failed) {
      hang_up();  // the server went away: that is news
      stirred_ = now - answered_ >= kSettled;
    }
  }

  [[nodiscard]] std::optional<Finding> take() override {
    return std::exchange(finding_, std::nullopt);
  }
  [[nodiscard]] bool stirred() const override { return stirred_; }

 private:
  void ask_kept(SteadyTime now) {
    ++tries_;
    try_ends_ = now + share_;
    say(dialogue_->ask(), now);
  }

  // At once: an open stream need not be polled for room first.
  void say(std::string_view bytes, SteadyTime now) {
    stream_->send(bytes);
    stream_->advance({}, now);
  }

  void open_new() {
    hang_up();
    kept_ = false;
    tries_ = 1;
    try_ends_ = until_;
    dialogue_ = make_dialogue_();
    stream_ = net::Stream::to(endpoint_);
    stream_->send(dialogue_->ask());
  }

  void hang_up() {
    if (stream_ && stream_->state() == net::Stream::State::open) {
      say(dialogue_->farewell(), std::chrono::steady_clock::now());
    }
    stream_.reset();
    dialogue_.reset();
  }

  void finish(Finding finding) {
    finding_ = std::move(finding);
    under_way_ = false;
  }

  void go_on(SteadyTime now) {
    while (under_way_ && step(now)) {
    }
  }

  // Whether there is more to do at once: another connection has begun.
  bool step(SteadyTime now) {
    if (auto answer = listen(now)) {
      answered_ = now;
      return conclude(std::move(*answer));
    }
    if (stream_->state() == net::Stream::State::failed) {
      return lost(transport_finding(stream_->trouble()));
    }
    if (now < try_ends_) {
      return false;
    }
    if (kept_ && tries_ < kTriesOnKept && now < until_) {
      ask_kept(now);
      return false;
    }
    return lost(silent(net::silence_words(stream_->state())), now < until_);
  }

  std::optional<Answer> listen(SteadyTime now) {
    std::string outbox;
    auto answer = dialogue_->read(stream_->inbox(), outbox);
    if (!outbox.empty()) {
      say(outbox, now);
    }
    return answer;
  }

  bool conclude(Answer answer) {
    if (kept_ && !answer.keep && !answer.finding.met && !answer.finding.final) {
      return lost(std::move(answer.finding));
    }
    if (!answer.keep || tries_ > 1) {  // a second question's answer may still come
      hang_up();
    }
    finish(std::move(answer.finding));
    return false;
  }

  // After a kept connection comes a new one, after a new one nothing.
  bool lost(Finding finding, bool time_left = true) {
    if (kept_ && time_left) {
      open_new();
      return true;
    }
    hang_up();
    finish(std::move(finding));
    return false;
  }

  net::Endpoint endpoint_;
  MakeDialogue make_dialogue_;
  std::unique_ptr<net::Stream> stream_;
  std::unique_ptr<Dialogue> dialogue_;
  std::optional<Finding> finding_;
  SteadyTime until_{}, try_ends_{}, answered_{};
  SteadyTime::duration share_{};
  int tries_ = 0;
  bool under_way_ = false, kept_ = false, stirred_ = false;
};

}  // namespace

std::unique_ptr<Probe> make_handshake(net::Endpoint endpoint, MakeDialogue make_dialogue) {
  return std::make_unique<HandshakeProbe>(std::move(endpoint), std::move(make_dialogue));
}

std::string server_words(std::string_view text) {
  return printable(mask_secrets(trim(text.substr(0, 200))));
}

Answer met(std::string words, bool keep) {
  return {{true, false, Reason::none, std::move(words), std::nullopt}, keep};
}
Answer unmet(Reason reason, std::string words, bool keep) {
  return {{false, false, reason, std::move(words), std::nullopt}, keep};
}
Answer refused_for_good(Reason reason, std::string words) {
  return {{false, true, reason, std::move(words), std::nullopt}, false};
}

}  // namespace toolkit::probe
