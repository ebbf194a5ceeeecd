package org.patronvault.web;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A minimal browser for forms: cookies, the hidden fields of the last page, and a browser's headers. */
public final class Browser {
    private final HttpClient http = HttpClient.newHttpClient();
    private final URI base;
    private final Map<String, String> cookies = new LinkedHashMap<>();
    private Optional<String> address = Optional.empty();
    private String page = "";

    public Browser(int port) {
        this.base = URI.create("http://127.0.0.1:" + port);
    }

    public HttpResponse<String> get(String path) {
        return remember(send(request(path).GET()));
    }

    /** Posts a form as a page of ours would: same origin, with the token of the last page. */
    public HttpResponse<String> post(String path, Map<String, String> fields) {
        Map<String, String> all = new java.util.LinkedHashMap<>(fields);
        hidden("csrf").ifPresent(token -> all.putIfAbsent("csrf", token));
        return remember(
                send(form(path, all).header("Sec-Fetch-Site", "same-origin").header("Origin", "null")));
    }

    public HttpRequest.Builder form(String path, Map<String, String> fields) {
        String body = fields.entrySet().stream()
                .map(e -> URLEncoder.encode(e.getKey(), StandardCharsets.UTF_8) + "="
                        + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        return request(path)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(body));
    }

    public HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path));
        address.ifPresent(from -> request.header("X-Forwarded-For", from));
        return cookies.isEmpty() ? request : request.header("Cookie", sent());
    }

    private String sent() {
        return cookies.entrySet().stream()
                .map(one -> one.getKey() + "=" + one.getValue())
                .collect(Collectors.joining("; "));
    }

    /** Moves to that address, as a proxy tells it. */
    Browser at(String where) {
        address = Optional.of(where);
        return this;
    }

    /** Keeps that cookie, wherever it was made. */
    void keep(String name, String value) {
        cookies.put(name, value);
    }

    /** Returns the answer as bytes. */
    public HttpResponse<byte[]> bytes(HttpRequest.Builder request) {
        return send(request, HttpResponse.BodyHandlers.ofByteArray());
    }

    /** Posts a form whose answer is a file to keep; the page stays. */
    public HttpResponse<byte[]> download(String path, Map<String, String> fields) {
        Map<String, String> all = new java.util.LinkedHashMap<>(fields);
        all.put("csrf", hidden("csrf").orElseThrow());
        return send(form(path, all).header("Sec-Fetch-Site", "same-origin"), HttpResponse.BodyHandlers.ofByteArray());
    }

    public HttpResponse<String> send(HttpRequest.Builder request) {
        return send(request, HttpResponse.BodyHandlers.ofString());
    }

    private <T> HttpResponse<T> send(HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler) {
        try {
            return http.send(request.build(), handler);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private HttpResponse<String> remember(HttpResponse<String> answer) {
        answer.headers().allValues("Set-Cookie").forEach(set -> {
            String[] cookie = set.split(";", 2)[0].split("=", 2);
            cookies.remove(cookie[0]);
            if (!cookie[1].isEmpty()) {
                cookies.put(cookie[0], cookie[1]);
            }
        });
        page = answer.body();
        return answer;
    }

    /** The value of a hidden field on the last page. */
    public Optional<String> hidden(String name) {
        Matcher field = Pattern.compile("<input type=\"hidden\"[^>]* name=\"" + name + "\" value=\"([^\"]*)\"|"
                        + "<input type=\"hidden\" name=\"" + name + "\" value=\"([^\"]*)\"")
                .matcher(page);
        if (!field.find()) {
            return Optional.empty();
        }
        return Optional.of(field.group(1) == null ? field.group(2) : field.group(1));
    }

    /** The cookie of the session. */
    public String cookie() {
        return cookies.keySet().stream()
                .filter(name -> name.endsWith("vault"))
                .map(name -> name + "=" + cookies.get(name))
                .findFirst()
                .orElse("");
    }

    /** The cookie of that name. */
    Optional<String> cookie(String name) {
        return Optional.ofNullable(cookies.get(name));
    }

    public URI base() {
        return base;
    }

    public HttpResponse<String> signIn(String user, String password) {
        get("/");
        HttpResponse<String> answer = post("/sign-in", Map.of("username", user, "password", password));
        if (answer.statusCode() == 303) {
            get("/");
        }
        return answer;
    }

    /** Returns the text in the live region of a page. */
    public static String status(HttpResponse<String> page) {
        Matcher status =
                Pattern.compile("<div id=\"status\"[^>]*>([^<]*)</div>").matcher(page.body());
        if (!status.find()) {
            throw new AssertionError("the page has no live region");
        }
        return status.group(1).replace("&#39;", "'");
    }
}
