#include "s3_client.hpp"

#include "aws_files.hpp"
#include "s3_endpoint.hpp"

#include <toolkit/net/digest.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <mutex>

namespace toolkit::store {
namespace {

using std::chrono::seconds;

// Below it a server may refuse without much harm; above it we ask first, until one has agreed.
constexpr std::uint64_t kAskFirst = 1 << 20;
// Signatures are good for 15 minutes; a minute of difference is none of ours to correct.
constexpr seconds kClockTolerance{60};

// Some errors come with status 200, when the server had begun to answer before it knew.
void read_error(S3Answer& answer) {
  const std::string_view start = std::string_view(answer.body).substr(0, 512);
  if (!answer.is_good() || start.find("<Error>") != std::string_view::npos) {
    answer.code = xml_text(answer.body, "Code");
    answer.message = xml_text(answer.body, "Message");
  }
}

// What goes into a host name has to look like a region.
bool is_region(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

bool is_expiry(const S3Answer& answer) {
  return answer.code == "ExpiredToken" || answer.code == "ExpiredTokenException" ||
         answer.code == "TokenRefreshRequired";
}

class Client : public S3Client {
 public:
  Client(std::string bucket, S3Endpoint endpoint, const Settings& settings)
      : bucket_(std::move(bucket)),
        http_(net::HttpClient::make(http_settings(settings))),
        credentials_(S3CredentialsChain::make(settings)),
        endpoint_(std::move(endpoint)) {}

  Result<S3Answer> send(const S3Request& request) override {
    Corrections done;
    while (true) {
      auto key = credentials_->get();
      if (!key) {
        return name(std::move(key).error(), request);
      }
      const S3Endpoint place = current_endpoint();
      const seconds skew = skew_;
      auto answer = send_once(request, place, *key);
      if (!answer) {
        return name(std::move(answer).error(), request);
      }
      if (!correct(*answer, request, place, *key, skew, done)) {
        return answer;
      }
    }
  }

  [[nodiscard]] std::string copy_source(std::string_view key) const override {
    return fmt::format("/{}/{}", s3_escape(bucket_, false), s3_escape(key, true));
  }
  [[nodiscard]] std::string endpoint() const override {
    const S3Endpoint place = current_endpoint();
    return fmt::format("{}://{}", place.url.tls ? "https" : "http", place.url.host);
  }
  [[nodiscard]] bool uses_tls() const override { return current_endpoint().url.tls; }
  [[nodiscard]] bool seems_ceph() const override { return seems_ceph_; }
  [[nodiscard]] WallTime now() const override {
    return std::chrono::system_clock::now() + seconds(skew_);
  }

 private:
  // Each is tried once a request: a server that says the same again means it.
  struct Corrections {
    bool region = false, clock = false, key = false;
  };

  [[nodiscard]] S3Endpoint current_endpoint() const {
    const std::scoped_lock lock(mutex_);
    return endpoint_;
  }

  Result<S3Answer> send_once(const S3Request& request, const S3Endpoint& place,
                             const S3Credentials& key) {
    net::ClientRequest out;
    out.method = request.method;
    out.url = url_of(place, bucket_, request.key, request.query);
    out.bytes = request.bytes;
    out.body_size = request.body_size;
    out.body = request.body;
    out.sink = request.sink;
    out.body_limit = request.body_limit;
    out.repeatable = request.repeatable;
    const std::uint64_t size = request.body ? request.body_size : request.bytes.size();
    out.expect_continue = size >= kAskFirst && !has_agreed_;
    out.fields = signed_fields(request, place, out.url, key);
    TRY_ASSIGN(auto response, http_->send(out));
    note_date(response.fields);
    seems_ceph_ = seems_ceph_ || net::find_field(response.fields, "x-rgw-object-type") != nullptr;
    S3Answer answer{response.status,
                    std::move(response.fields),
                    std::move(response.body),
                    response.body_cut,
                    {},
                    {}};
    read_error(answer);
    has_agreed_ = has_agreed_ || answer.is_good();
    return answer;
  }

  [[nodiscard]] net::HttpFields signed_fields(const S3Request& request, const S3Endpoint& place,
                                              const net::Url& url, const S3Credentials& key) const {
    SignatureInput input;
    input.method = request.method;
    input.host = url.host;
    input.path = url.target.substr(0, url.target.find('?'));
    input.query = request.query;
    input.fields = request.fields;
    input.payload_hash = request.payload_hash;
    if (input.payload_hash.empty()) {
      const bool hashes = !request.body && (!place.url.tls || request.bytes.empty());
      input.payload_hash = hashes ? net::to_hex(net::sha256(request.bytes)) : kUnsignedPayload;
    }
    input.region = place.region;
    input.time = now();
    net::HttpFields fields = request.fields;
    std::ranges::move(sign(input, key), std::back_inserter(fields));
    return fields;
  }

  // Proxies and caches answer with Dates of their own, but S3's requests are not cached.
  void note_date(const net::HttpFields& fields) {
    const std::string* date = net::find_field(fields, "Date");
    const auto theirs = date != nullptr ? net::parse_http_date(*date) : std::nullopt;
    if (theirs) {
      const auto skew = std::chrono::floor<seconds>(*theirs - std::chrono::system_clock::now());
      skew_ = skew > kClockTolerance || skew < -kClockTolerance ? skew : seconds(0);
    }
  }

  // Whether the request is to be sent once more.
  bool correct(const S3Answer& answer, const S3Request& request, const S3Endpoint& place,
               const S3Credentials& key, seconds skew, Corrections& done) {
    if (answer.is_good()) {
      return false;
    }
    const bool head = request.method == "HEAD";  // whose answers have no code
    if (follow_region(answer, place)) {
      return !std::exchange(done.region, true);
    }
    if ((answer.code == "RequestTimeTooSkewed" || (head && answer.status == 403)) &&
        skew_.load() != skew) {
      return !std::exchange(done.clock, true);
    }
    if (is_expiry(answer) || (head && answer.status == 400 && !key.session_token.empty())) {
      credentials_->forget(key);
      return !std::exchange(done.key, true);
    }
    return false;
  }

  // docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html; 400 is
  // AuthorizationHeaderMalformed, which names the region that the signature must be for.
  bool follow_region(const S3Answer& answer, const S3Endpoint& place) {
    if (answer.status != 301 && answer.status != 307 && answer.status != 400) {
      return false;
    }
    std::string region = answer.field("x-amz-bucket-region");
    if (region.empty()) {
      region = xml_text(answer.body, "Region");
    }
    if (!is_region(region) || region == place.region) {
      return false;
    }
    const std::scoped_lock lock(mutex_);
    endpoint_ = move_to(place, region);
    return true;
  }

  static Failure name(Error error, const S3Request& request) {
    error.message = fmt::format("{}: {}", request.what, error.message);
    if (error.remedy.find("SSL_CERT_FILE") != std::string::npos) {
      error.remedy = "name the file of its authority's certificates in AWS_CA_BUNDLE";
    }
    return Failure(std::move(error));
  }

  std::string bucket_;
  std::unique_ptr<net::HttpClient> http_;
  std::unique_ptr<S3CredentialsChain> credentials_;
  mutable std::mutex mutex_;
  S3Endpoint endpoint_;
  std::atomic<seconds> skew_{seconds(0)};
  std::atomic<bool> has_agreed_{false}, seems_ceph_{false};
};

}  // namespace

Result<std::unique_ptr<S3Client>> S3Client::make(std::string bucket, const Settings& settings) {
  TRY_ASSIGN(const AwsFiles files, read_aws_files(settings));
  TRY_ASSIGN(S3Endpoint endpoint, choose_endpoint(bucket, settings, files));
  return std::make_unique<Client>(std::move(bucket), std::move(endpoint), settings);
}

Result<S3Answer> S3Client::demand(const S3Request& request) {
  TRY_ASSIGN(S3Answer answer, send(request));
  if (!answer.is_good()) {
    return Failure(error_of(answer, request.what));
  }
  return answer;
}

}  // namespace toolkit::store
