package hutong.hapi.tuning;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;

/**
 * The settings for which the image has no key in application.yaml.
 *
 * <p>Loaded both ways: this module finds it in its own packages; the image finds the compiled class in
 * /app/extra-classes (hapi/Dockerfile puts it there) because application.yaml names this package in
 * {@code hapi.fhir.custom-bean-packages}. It must therefore use nothing else of this module. {@code hutong.tuning=false}
 * leaves it out: the bench measures what it brings.
 */
@Component
@ConditionalOnProperty(name = "hutong.tuning", matchIfMissing = true)
public class StorageTuning implements BeanPostProcessor {

	@Override
	public Object postProcessAfterInitialization(Object bean, String name) {
		if (bean instanceof JpaStorageSettings settings) {
			tune(settings);
		}
		if (bean instanceof FhirContext context) {
			// An audit event or a provenance names the version it speaks of. Never add a path through a choice
			// element (Task.input.value): every transaction would fail with HAPI-1700.
			context.getParserOptions()
					.setDontStripVersionsFromReferencesAtPaths("AuditEvent.entity.what", "Provenance.entity.what");
		}
		return bean;
	}

	private static void tune(JpaStorageSettings settings) {
		// The engine never searches by :text; the rows it needs were nearly all string rows.
		settings.setSuppressStringIndexingInTokens(true);
		// Tag storage stays VERSIONED: with INLINE the first PUT that changes nothing makes a second version.
	}
}
