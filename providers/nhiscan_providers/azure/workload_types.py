"""The types of Azure resources that are looked for behind managed identities."""

# Types of Azure resources that commonly run as a managed identity. Resource Graph shows only what
# the caller may read, so each of them needs a permission of its own.
WORKLOADS = (
    "Microsoft.ApiManagement/service",
    "Microsoft.App/containerApps",
    "Microsoft.App/jobs",
    "Microsoft.Automation/automationAccounts",
    "Microsoft.CognitiveServices/accounts",
    "Microsoft.Compute/diskEncryptionSets",
    "Microsoft.Compute/virtualMachineScaleSets",
    "Microsoft.Compute/virtualMachines",
    "Microsoft.ContainerInstance/containerGroups",
    "Microsoft.ContainerRegistry/registries",
    "Microsoft.ContainerService/managedClusters",
    "Microsoft.DataFactory/factories",
    "Microsoft.DataProtection/backupVaults",
    "Microsoft.EventGrid/topics",
    "Microsoft.HybridCompute/machines",
    "Microsoft.Logic/workflows",
    "Microsoft.MachineLearningServices/workspaces",
    "Microsoft.RecoveryServices/vaults",
    "Microsoft.Search/searchServices",
    "Microsoft.Sql/servers",
    "Microsoft.Synapse/workspaces",
    "Microsoft.Web/sites",
)
