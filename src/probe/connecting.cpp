#include "connecting.hpp"

#include "transport.hpp"
#include "values.hpp"

#include <toolkit/base/secret.hpp>
#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::probe {
namespace {

constexpr std::size_t kBannerLimit = 16 << 10;
constexpr std::size_t kShown = 60;

class ConnectingProbe : public Probe {
 public:
  ConnectingProbe(std::function<std::unique_ptr<net::Stream>()> connect,
                  std::optional<Pattern> banner,
                  std::function<Finding(const net::Trouble&)> find_trouble)
      : connect_(std::move(connect)),
        banner_(std::move(banner)),
        find_trouble_(std::move(find_trouble)) {}

  [[nodiscard]] Milliseconds pace() const override { return kPortPace; }

  void begin(SteadyTime now, SteadyTime until) override {
    finding_.reset();
    until_ = until;
    looked_at_ = 0;
    stream_ = connect_();
    look(now);
  }

  void collect(std::vector<pollfd>& entries) const override {
    if (stream_) {
      stream_->collect(entries);
    }
  }

  [[nodiscard]] SteadyTime next_deadline() const override {
    return stream_ ? std::min(until_, stream_->next_deadline()) : SteadyTime::max();
  }

  void advance(std::span<const pollfd> entries, SteadyTime now) override {
    if (stream_) {
      stream_->advance(entries, now);
      look(now);
    }
  }

  [[nodiscard]] std::optional<Finding> take() override {
    return std::exchange(finding_, std::nullopt);
  }

 private:
  void look(SteadyTime now) {
    const auto state = stream_->state();
    if (!banner_ && state == net::Stream::State::open) {
      finish({.met = true, .words = fmt::format("{} accepts", stream_->peer()), .exit_code = {}});
    } else if (banner_ && has_banner()) {
      finish({.met = true, .words = said(), .exit_code = {}});
    } else if (state == net::Stream::State::failed) {
      finish(stream_->inbox().empty() ? find_trouble_(stream_->trouble()) : unwanted());
    } else if (stream_->inbox().size() >= kBannerLimit) {
      finish(unwanted());
    } else if (now >= until_) {
      finish(stream_->inbox().empty() ? silent(silence_words(state)) : unwanted());
    }
  }

  // Each byte that comes may complete a match; a second look at the same ones may not.
  bool has_banner() {
    const std::string& inbox = stream_->inbox();
    if (inbox.size() == looked_at_) {
      return false;
    }
    looked_at_ = inbox.size();
    return banner_->found_in_lines(std::string_view(inbox).substr(0, kBannerLimit));
  }

  [[nodiscard]] std::string said() const {
    const std::string_view inbox = stream_->inbox();
    const std::string_view line = trim(inbox.substr(0, inbox.find('\n')));
    return fmt::format("it says '{}'", printable(mask_secrets(line.substr(0, kShown))));
  }

  [[nodiscard]] Finding unwanted() const {
    return {.reason = Reason::status, .words = said(), .exit_code = {}};
  }

  void finish(Finding finding) {
    finding_ = std::move(finding);
    stream_.reset();
  }

  std::function<std::unique_ptr<net::Stream>()> connect_;
  std::optional<Pattern> banner_;
  std::function<Finding(const net::Trouble&)> find_trouble_;
  std::unique_ptr<net::Stream> stream_;
  std::size_t looked_at_ = 0;
  SteadyTime until_{};
  std::optional<Finding> finding_;
};

}  // namespace

std::unique_ptr<Probe> make_connecting_probe(
    std::function<std::unique_ptr<net::Stream>()> connect, std::optional<Pattern> banner,
    std::function<Finding(const net::Trouble&)> find_trouble) {
  return std::make_unique<ConnectingProbe>(std::move(connect), std::move(banner),
                                           std::move(find_trouble));
}

tl::expected<std::optional<Pattern>, condition::Mistake> banner_of(const condition::Leaf& leaf) {
  const condition::Parameter* banner = leaf.find("banner");
  if (banner == nullptr) {
    return std::nullopt;
  }
  if (auto wrong = wants_operator(leaf, *banner, "~")) {
    return tl::unexpected(std::move(*wrong));
  }
  auto pattern = pattern_of(leaf, banner->value);
  if (!pattern) {
    return tl::unexpected(std::move(pattern).error());
  }
  return std::optional(std::move(*pattern));
}

}  // namespace toolkit::probe
