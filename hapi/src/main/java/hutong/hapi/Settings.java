package hutong.hapi;

import ca.uhn.fhir.jpa.api.config.JpaStorageSettings;
import ca.uhn.fhir.jpa.model.config.PartitionSettings;
import ca.uhn.fhir.jpa.model.config.PartitionSettings.CrossPartitionReferenceMode;
import ca.uhn.fhir.jpa.model.config.SubscriptionSettings;
import ca.uhn.fhir.jpa.model.entity.StorageSettings.IndexEnabledEnum;
import java.util.concurrent.TimeUnit;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Turns the keys of application.yaml into HAPI's settings objects, as the image does. */
@Configuration
public class Settings {

	@Bean
	JpaStorageSettings storageSettings(HapiProperties p) {
		p.requireSupported();
		JpaStorageSettings s = new JpaStorageSettings();
		s.setResourceClientIdStrategy(p.clientIdStrategy());
		s.setResourceServerIdStrategy(p.serverIdStrategy());
		s.setEnforceReferentialIntegrityOnWrite(p.enforceReferentialIntegrityOnWrite());
		s.setEnforceReferentialIntegrityOnDelete(p.enforceReferentialIntegrityOnDelete());
		s.setAllowExternalReferences(p.allowExternalReferences());
		s.setAutoCreatePlaceholderReferenceTargets(p.autoCreatePlaceholderReferenceTargets());
		s.setExpungeEnabled(p.expungeEnabled());
		s.setDeleteExpungeEnabled(p.deleteExpungeEnabled());
		s.setAllowMultipleDelete(p.allowMultipleDelete());
		s.setReuseCachedSearchResultsForMillis(p.reuseCachedSearchResultsMillis());
		s.setExpireSearchResultsAfterMillis(TimeUnit.MINUTES.toMillis(p.retainCachedSearchesMins()));
		s.setFetchSizeDefaultMaximum(p.maxPageSize());
		s.setSearchPreFetchThresholds(p.searchPrefetchThresholds());
		s.setFilterParameterEnabled(p.filterSearchEnabled());
		s.setStoreMetaSourceInformation(p.storeMetaSourceInformation());
		s.setIndexMissingFields(p.enableIndexMissingFields() ? IndexEnabledEnum.ENABLED : IndexEnabledEnum.DISABLED);
		s.setMassIngestionMode(p.massIngestionModeEnabled());
		s.setMatchUrlCacheEnabled(p.matchUrlCacheEnabled());
		s.setMarkResourcesForReindexingUponSearchParameterChange(
				p.markResourcesForReindexingUponSearchParameterChange());
		s.setPreExpandValueSets(p.preExpandValueSets());
		s.setEnableTaskPreExpandValueSets(p.enableTaskPreExpandValueSets());
		s.setMaximumExpansionSize(p.maximumExpansionSize());
		s.setDeferIndexingForCodesystemsOfSize(p.deferIndexingForCodesystemsOfSize());
		s.setBundleBatchPoolSize(p.bundleBatchPoolSize());
		s.setBundleBatchMaxPoolSize(p.bundleBatchPoolMaxSize());
		s.setSchedulingDisabled(!p.daoSchedulingEnabled());
		return s;
	}

	@Bean
	PartitionSettings partitionSettings(HapiProperties p) {
		HapiProperties.Partitioning partitioning = p.partitioning();
		PartitionSettings s = new PartitionSettings();
		s.setPartitioningEnabled(true);
		s.setDefaultPartitionId(partitioning.defaultPartitionId());
		s.setDatabasePartitionMode(partitioning.databasePartitionModeEnabled());
		s.setIncludePartitionInSearchHashes(partitioning.partitioningIncludeInSearchHashes());
		s.setAllowReferencesAcrossPartitions(
				partitioning.allowReferencesAcrossPartitions()
						? CrossPartitionReferenceMode.ALLOWED_UNQUALIFIED
						: CrossPartitionReferenceMode.NOT_ALLOWED);
		s.setConditionalCreateDuplicateIdentifiersEnabled(
				partitioning.conditionalCreateDuplicateIdentifiersEnabled());
		return s;
	}

	/** No subscription type is supported: the engine sweeps, it is not called back. */
	@Bean
	SubscriptionSettings subscriptionSettings() {
		return new SubscriptionSettings();
	}
}
