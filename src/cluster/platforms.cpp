#include "platform.hpp"

namespace toolkit::cluster {

// One file each in platforms/.
extern const Platform kTorchrun, kDeepspeed, kRay, kHorovod, kJsrun, kOpenMpi, kMvapich, kPals,
    kFlux, kMpich, kSlurmStep, kPmix, kPaddle, kJaxProcess, kAzureMl, kGeneric;
extern const Platform kDetermined, kVertex, kVolcano, kTfConfig, kMpiJob, kAzureBatch, kSagemaker,
    kAwsBatch, kSkypilot, kKubeflow, kLeaderWorkerSet, kIndexedJob, kDlrover, kPaiDlc,
    kKubernetesRank, kSlurmAllocation, kKubernetes, kTpu, kPaddleJob;

namespace {

// In order of precedence within a scope: who starts processes inside of another's comes first.
constexpr const Platform* kAll[] = {
    &kTorchrun, &kDeepspeed, &kRay, &kHorovod, &kJsrun, &kOpenMpi, &kMvapich, &kFlux, &kPals,
    &kMpich, &kSlurmStep, &kPmix, &kPaddle, &kJaxProcess, &kAzureMl, &kGeneric,
    // Pods and hosts.
    &kDetermined, &kSagemaker, &kAwsBatch, &kVertex, &kSkypilot, &kKubeflow, &kVolcano,
    &kLeaderWorkerSet, &kTpu, &kIndexedJob, &kTfConfig, &kAzureBatch, &kMpiJob, &kPaddleJob,
    &kDlrover, &kPaiDlc, &kKubernetesRank, &kSlurmAllocation, &kKubernetes};

}  // namespace

std::span<const Platform* const> platforms() { return kAll; }

std::span<const ProviderName> provider_names() {
  static const auto names = [] {
    std::vector<ProviderName> all;
    for (const auto* platform : kAll) {
      all.push_back({platform->name, platform->title});
    }
    return all;
  }();
  return names;
}

}  // namespace toolkit::cluster
