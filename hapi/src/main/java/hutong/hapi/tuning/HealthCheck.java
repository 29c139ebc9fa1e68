package hutong.hapi.tuning;

import java.net.HttpURLConnection;
import java.net.URI;

/** For the container's health check: the image has neither a shell nor curl. Exits 0 when HAPI says it is up. */
public class HealthCheck {
	public static void main(String[] args) throws Exception {
		HttpURLConnection connection =
				(HttpURLConnection) URI.create("http://127.0.0.1:8080/actuator/health").toURL().openConnection();
		connection.setConnectTimeout(2000);
		connection.setReadTimeout(5000);
		System.exit(connection.getResponseCode() == 200 ? 0 : 1);
	}
}
