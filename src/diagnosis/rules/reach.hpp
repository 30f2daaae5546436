#pragma once
// What the rules on the host's limits and on RDMA share.

#include <toolkit/diagnosis/rule.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace toolkit::diagnosis {

/// The finding with its variant and its scope.
[[nodiscard]] Finding marked(Finding finding, const char* variant, std::string scope = "");
[[nodiscard]] const std::string* asked(const gpu::Facts& facts, const char* variable);

/// GPUs of any maker that this container has, by whatever has seen them.
[[nodiscard]] std::size_t count_gpus(const gpu::Facts& facts);
[[nodiscard]] bool has_capability(const gpu::Facts& facts, int number);  // capabilities(7)
/// Somebody counts on RDMA: an option, or NCCL's variables.
[[nodiscard]] bool rdma_is_wanted(const Question& question);
[[nodiscard]] std::string errno_words(int error);  // "EPERM (Operation not permitted)"

/// NCCL's lists of adapters and interfaces: "^" all but, "=" whole names, else beginnings; a port
/// behind ":".
class NameList {
 public:
  explicit NameList(std::string_view text);
  /// Port 0: none was asked about.
  [[nodiscard]] bool takes(std::string_view name, int port = 0) const;
  [[nodiscard]] bool excludes() const { return excludes_; }

 private:
  struct Entry {
    std::string_view name;
    int port = 0;  // 0: any
  };
  bool excludes_ = false, exact_ = false;
  std::vector<Entry> entries_;
};

/// A port of an adapter of ours, with its scope "mlx5_0/1".
struct PortHere {
  const gpu::RdmaAdapter* adapter;
  const gpu::RdmaPort* port;
  std::string scope, path;  // "/sys/class/infiniband/mlx5_0/ports/1"
  bool named = false;       // NCCL_IB_HCA chooses it
  bool left_out = false;    // NCCL_IB_HCA leaves it out
};
[[nodiscard]] std::vector<PortHere> ports_here(const gpu::Facts& facts);
[[nodiscard]] bool is_active(const gpu::RdmaPort& port);

// rdma.cpp has the table; these are in files of their own.
[[nodiscard]] std::vector<Finding> judge_rdma_port(const Question& question);
[[nodiscard]] std::vector<Finding> judge_rdma_gid(const Question& question);
[[nodiscard]] std::vector<Finding> judge_rdma_gdr(const Question& question);
[[nodiscard]] std::vector<Finding> judge_rdma_topology(const Question& question);
[[nodiscard]] std::vector<Finding> judge_rdma_variables(const Question& question);

}  // namespace toolkit::diagnosis
