package hutong.hapi;

import ca.uhn.fhir.context.FhirVersionEnum;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings.ClientIdStrategyEnum;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings.IdStrategyEnum;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings.StoreMetaSourceInformationEnum;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The keys under {@code hapi.fhir} in application.yaml. A key that is not listed here fails the start, and so does
 * one that is missing there: both ways of running HAPI then have the same settings, or none.
 */
@ConfigurationProperties(prefix = "hapi.fhir", ignoreUnknownFields = false)
public record HapiProperties(
		FhirVersionEnum fhirVersion,
		String customBeanPackages,
		Partitioning partitioning,
		ClientIdStrategyEnum clientIdStrategy,
		IdStrategyEnum serverIdStrategy,
		Boolean enforceReferentialIntegrityOnWrite,
		Boolean enforceReferentialIntegrityOnDelete,
		Boolean allowExternalReferences,
		Boolean autoCreatePlaceholderReferenceTargets,
		Boolean expungeEnabled,
		Boolean deleteExpungeEnabled,
		Boolean allowMultipleDelete,
		Boolean allowCascadingDeletes,
		Long reuseCachedSearchResultsMillis,
		Long retainCachedSearchesMins,
		Integer defaultPageSize,
		Integer maxPageSize,
		List<Integer> searchPrefetchThresholds,
		Boolean filterSearchEnabled,
		Boolean defaultPrettyPrint,
		Boolean narrativeEnabled,
		Boolean userRequestRetryVersionConflictsInterceptorEnabled,
		StoreMetaSourceInformationEnum storeMetaSourceInformation,
		Boolean enableIndexMissingFields,
		Boolean massIngestionModeEnabled,
		Boolean matchUrlCacheEnabled,
		Boolean markResourcesForReindexingUponSearchParameterChange,
		Boolean preExpandValueSets,
		Boolean enableTaskPreExpandValueSets,
		Integer maximumExpansionSize,
		Integer deferIndexingForCodesystemsOfSize,
		Integer bundleBatchPoolSize,
		Integer bundleBatchPoolMaxSize,
		Boolean daoSchedulingEnabled) {

	/** One partition per institution, named in the URL. */
	public record Partitioning(
			Boolean requestTenantPartitioningMode,
			Integer defaultPartitionId,
			Boolean allowReferencesAcrossPartitions,
			Boolean conditionalCreateDuplicateIdentifiersEnabled,
			Boolean partitioningIncludeInSearchHashes,
			Boolean databasePartitionModeEnabled) {}

	/**
	 * Refuses what is missing, and what the image can do but this module cannot.
	 *
	 * @throws IllegalStateException naming every such key
	 */
	void requireSupported() {
		List<String> problems = new ArrayList<>();
		missing(this, problems);
		if (partitioning != null) {
			missing(partitioning, problems);
		}
		if (problems.isEmpty()) {
			require(fhirVersion == FhirVersionEnum.R4, "fhir_version must be R4", problems);
			require(partitioning.requestTenantPartitioningMode, "request_tenant_partitioning_mode must be true", problems);
			require(!allowCascadingDeletes, "allow_cascading_deletes must be false", problems);
			require(!narrativeEnabled, "narrative_enabled must be false", problems);
			require(bundleBatchPoolSize.equals(bundleBatchPoolMaxSize), "bundle_batch_pool_* must be equal", problems);
		}
		if (!problems.isEmpty()) {
			throw new IllegalStateException("application.yaml, hapi.fhir: " + String.join("; ", problems));
		}
	}

	private static void require(boolean holds, String problem, List<String> problems) {
		if (!holds) {
			problems.add(problem);
		}
	}

	private static void missing(Record record, List<String> problems) {
		for (RecordComponent component : record.getClass().getRecordComponents()) {
			try {
				if (component.getAccessor().invoke(record) == null) {
					problems.add(component.getName() + " is missing");
				}
			} catch (ReflectiveOperationException e) {
				throw new IllegalStateException(e);
			}
		}
	}
}
