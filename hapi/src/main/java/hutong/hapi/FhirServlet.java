package hutong.hapi;

import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings;
import ca.uhn.fhir.jpa.api.dao.IFhirSystemDao;
import ca.uhn.fhir.jpa.interceptor.UserRequestRetryVersionConflictsInterceptor;
import ca.uhn.fhir.jpa.model.config.PartitionSettings;
import ca.uhn.fhir.jpa.partition.PartitionManagementProvider;
import ca.uhn.fhir.jpa.provider.IJpaSystemProvider;
import ca.uhn.fhir.jpa.provider.JpaCapabilityStatementProvider;
import ca.uhn.fhir.jpa.provider.ValueSetOperationProvider;
import ca.uhn.fhir.jpa.search.DatabaseBackedPagingProvider;
import ca.uhn.fhir.narrative2.NullNarrativeGenerator;
import ca.uhn.fhir.rest.api.EncodingEnum;
import ca.uhn.fhir.rest.server.IncomingRequestAddressStrategy;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.interceptor.partition.RequestTenantPartitionInterceptor;
import ca.uhn.fhir.rest.server.provider.ResourceProviderFactory;
import ca.uhn.fhir.rest.server.tenant.UrlBaseTenantIdentificationStrategy;
import ca.uhn.fhir.rest.server.util.ISearchParamRegistry;
import org.springframework.beans.factory.config.AutowireCapableBeanFactory;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The REST side: /fhir/{tenant}/…, with the operations the engine uses and no others. */
@Configuration
public class FhirServlet {

	@Bean
	RestfulServer fhirServer(
			HapiProperties properties,
			IFhirSystemDao<?, ?> systemDao,
			IJpaSystemProvider systemProvider,
			ResourceProviderFactory resourceProviders,
			JpaStorageSettings storageSettings,
			ISearchParamRegistry searchParameters,
			IValidationSupport validationSupport,
			DatabaseBackedPagingProvider paging,
			ValueSetOperationProvider valueSets,
			PartitionSettings partitionSettings,
			PartitionManagementProvider partitions) {
		RestfulServer server = new RestfulServer(systemDao.getContext());
		systemDao.getContext().setNarrativeGenerator(new NullNarrativeGenerator());
		server.registerProviders(resourceProviders.createProviders());
		server.registerProviders(systemProvider, valueSets, partitions);
		server.setServerConformanceProvider(conformance(server, systemDao, storageSettings, searchParameters, validationSupport));
		server.setServerAddressStrategy(new IncomingRequestAddressStrategy());
		server.setDefaultResponseEncoding(EncodingEnum.JSON);
		server.setDefaultPrettyPrint(properties.defaultPrettyPrint());
		server.setPagingProvider(paging);

		RequestTenantPartitionInterceptor tenants = new RequestTenantPartitionInterceptor();
		tenants.setPartitionSettings(partitionSettings);
		server.registerInterceptor(tenants);
		server.setTenantIdentificationStrategy(new UrlBaseTenantIdentificationStrategy());

		if (properties.userRequestRetryVersionConflictsInterceptorEnabled()) {
			server.registerInterceptor(new UserRequestRetryVersionConflictsInterceptor());
		}
		return server;
	}

	private static JpaCapabilityStatementProvider conformance(
			RestfulServer server,
			IFhirSystemDao<?, ?> systemDao,
			JpaStorageSettings storageSettings,
			ISearchParamRegistry searchParameters,
			IValidationSupport validationSupport) {
		JpaCapabilityStatementProvider provider = new JpaCapabilityStatementProvider(
				server, systemDao, storageSettings, searchParameters, validationSupport);
		provider.setImplementationDescription("Hutong store");
		return provider;
	}

	@Bean
	ServletRegistrationBean<RestfulServer> fhirServletRegistration(
			RestfulServer server, AutowireCapableBeanFactory beans) {
		beans.autowireBean(server);
		ServletRegistrationBean<RestfulServer> registration = new ServletRegistrationBean<>(server, "/fhir/*");
		registration.setLoadOnStartup(1);
		return registration;
	}
}
