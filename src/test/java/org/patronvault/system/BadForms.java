package org.patronvault.system;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Attribute;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.FormElement;

/**
 * What somebody sends who has pages before him, and forms that are nearly right: each is one of a page that was answered,
 * filled in as it stands there or by somebody who makes things up, and then something of it is made wrong. Whatever is
 * made up has the {@code canary} of its turn in it. From one seed they come in one order, as far as the answers are the
 * same. For one thread.
 */
final class BadForms {
    private static final String HOME = "/";
    private static final Pattern ID = Pattern.compile("[0-9a-f]{16}");

    /** What ends the walk, or who walks. */
    private static final List<String> ENDING =
            List.of("/custody/seal", "/lock", "/sign-in", "/password", "/reset-password", "/disable");

    private static final List<String> MARKUP = List.of(
            "<i id=%s>",
            "\"><i id=%s>",
            "'><script id=%s>",
            "\" onfocus=\"%s",
            "</textarea></title><i id=%s>",
            "javascript:%s",
            "&lt;i id=%s&gt;");

    /** What costs the server most of a second: seldom. */
    private static final List<String> COSTLY = List.of("/custody/drill", "/account/second-factor");

    /** What takes a card. */
    private static final List<String> OF_A_CARD = List.of("q", "card", "patrons");

    private static final List<String> DATES =
            List.of("since", "until", "from", "signed", "arrived", "expires", "posted");

    /** What may be found, or is at least of the kind that is asked for. */
    private static final List<String> LIKELY =
            List.of("smith", "203-555-0101", "1", "2018-05", "yes", "NC", "director", "kim@example.org", "A letter");

    private static final int MOST_PAGES = 60;

    /** That there are at first. */
    static final int PATRONS = 5;

    /**
     * What is sent.
     *
     * @param form what it is a form of, with the names of what can be filled in; empty for a link that was followed
     */
    record Sent(String method, String path, Optional<String> body, String form, String canary) {
        @Override
        public String toString() {
            String all = method + " " + path + " " + body.orElse("");
            return all.substring(0, Math.min(all.length(), 2_000));
        }
    }

    private record Control(String name, String value) {}

    private final Random random;
    private final List<String> pages = new ArrayList<>(List.of(HOME));
    private final Map<String, Integer> taken = new HashMap<>();
    private Optional<Document> page = Optional.empty();
    private String canary = "";

    BadForms(long seed) {
        random = new Random(seed);
    }

    /** The next, of the page that was answered last if there is something on it to send. */
    Sent next() {
        byte[] bits = new byte[8];
        random.nextBytes(bits);
        canary = "zq" + HexFormat.of().formatHex(bits);
        List<FormElement> forms = page.map(this::forms).orElse(List.of());
        if (forms.isEmpty() || chance(5)) {
            page = Optional.empty();
            String path = chance(4) ? HOME : seldom(pages, page -> page);
            return new Sent("GET", path + (chance(6) ? query() : ""), Optional.empty(), "", canary);
        }
        return filled(seldom(forms, form -> form.attr("action")));
    }

    private List<FormElement> forms(Document page) {
        return page.select("form").forms().stream()
                .filter(form -> isGoingOn(form.attr("action")))
                .filter(form -> !COSTLY.contains(form.attr("action")) || chance(30))
                .toList();
    }

    private static boolean isGoingOn(String action) {
        return ENDING.stream().noneMatch(action::endsWith);
    }

    private String query() {
        return "?" + one(List.of("a", "id", "version", "from", "to", "of", "r", "year")) + "="
                + (chance(2) ? one(BadRequests.PATH_TRAPS).replace("%s", canary) : encoded(made()));
    }

    private Sent filled(FormElement form) {
        List<Control> controls = new ArrayList<>();
        form.formData().forEach(one -> controls.add(new Control(one.key(), one.value())));
        String id = form.id();
        if (!id.isEmpty()) {
            form.ownerDocument()
                    .select("[form=" + id + "]:not(button)")
                    .forEach(one -> controls.add(new Control(one.attr("name"), one.val())));
        }
        String action = form.attr("action");
        List<Element> buttons = new ArrayList<>(form.select("button[type=submit]"));
        if (!id.isEmpty()) {
            buttons.addAll(form.ownerDocument().select("button[form=" + id + "]"));
        }
        buttons.removeIf(button -> !isGoingOn(button.attr("formaction")));
        if (!buttons.isEmpty()) {
            Element button = seldom(buttons, of -> of.attr("formaction") + of.val());
            if (button.hasAttr("name")) {
                controls.add(new Control(button.attr("name"), button.val()));
            }
            action = button.hasAttr("formaction") ? button.attr("formaction") : action;
        }
        String kind = action.split("#", 2)[0] + " "
                + controls.stream().map(Control::name).collect(Collectors.toCollection(TreeSet::new));
        controls.replaceAll(one -> one.value().isEmpty() ? new Control(one.name(), typed(one.name())) : one);
        for (int times = random.nextInt(3); times > 0 && !controls.isEmpty(); times--) {
            spoil(controls);
        }
        String data = controls.stream()
                .map(one -> encoded(one.name()) + "=" + encoded(one.value()))
                .collect(Collectors.joining("&"));
        if (form.attr("method").equalsIgnoreCase("get")) {
            return new Sent("GET", action + "?" + data, Optional.empty(), "GET " + kind, canary);
        }
        return new Sent(
                "POST",
                action,
                Optional.of(spoilt(data)),
                "POST " + ID.matcher(kind).replaceAll("ID"),
                canary);
    }

    /** Something typed where nothing stood; more often than not what may be meant. */
    private String typed(String name) {
        if (chance(4)) {
            return chance(2) ? "" : made();
        }
        return OF_A_CARD.contains(name)
                ? SamplePatron.card(random.nextInt(PATRONS))
                : DATES.contains(name) ? "2026-12-31" : one(LIKELY);
    }

    private String made() {
        return chance(8)
                ? canary + '\0'
                : one(chance(2) ? MARKUP : BadRequests.TRAPS).replace("%s", canary);
    }

    private void spoil(List<Control> controls) {
        int at = random.nextInt(controls.size());
        // Without its token nothing of a form is read.
        if (controls.get(at).name().equals("csrf") && !chance(10)) {
            return;
        }
        switch (random.nextInt(8)) {
            case 0 -> controls.remove(at);
            case 1 -> controls.add(controls.get(at));
            case 2 -> controls.add(new Control(made(), made()));
            default -> controls.set(at, new Control(controls.get(at).name(), made()));
        }
    }

    /** As it stands, nearly always. */
    private String spoilt(String data) {
        return switch (random.nextInt(60)) {
            case 0 -> data.substring(0, random.nextInt(data.length() + 1));
            case 1 -> data + "&%zz=" + canary;
            case 2 -> data + ("&" + canary + "=").repeat(2);
            case 3 -> data + "&a=" + "x".repeat(70_000);
            case 4 -> data.replace('=', '&');
            case 5 -> "{\"" + canary + "\":1}";
            default -> data;
        };
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** Has what was answered before it: forms to fill in, and links to follow. */
    void learn(Answer answered) {
        page = html(answered);
        page.ifPresent(shown -> shown.select("a[href]").stream()
                .map(link -> link.attr("href"))
                .filter(href -> href.startsWith("/") && !href.startsWith("/v1/") && !pages.contains(href))
                .limit(Math.max(0, MOST_PAGES - pages.size()))
                .forEach(pages::add));
        String elsewhere = answered.header("Location");
        if (!elsewhere.isEmpty()) {
            String path = URI.create(elsewhere).getPath();
            if (pages.size() < MOST_PAGES && !pages.contains(path)) {
                pages.add(path);
            }
        }
    }

    private static Optional<Document> html(Answer answered) {
        return answered.mediaType().equals("text/html") ? Optional.of(Jsoup.parse(answered.text())) : Optional.empty();
    }

    /** Whether what was sent is part of what a browser would make of the answer, other than text and the values typed. */
    static boolean isWoven(Sent sent, Answer answered) {
        return html(answered)
                .filter(page -> page.getAllElements().stream().anyMatch(one -> isWoven(one, sent.canary())))
                .isPresent();
    }

    private static boolean isWoven(Element one, String canary) {
        boolean isCode = List.of("script", "style").contains(one.normalName());
        return one.tagName().contains(canary)
                || one.id().startsWith(canary)
                || (isCode && one.data().contains(canary))
                || one.attributes().asList().stream().anyMatch(attribute -> isCode(attribute, canary));
    }

    private static boolean isCode(Attribute attribute, String canary) {
        String name = attribute.getKey();
        String value = attribute.getValue();
        boolean isRun = name.startsWith("on")
                || name.startsWith("hx-")
                || (name.equals("href") && value.startsWith("javascript:"));
        return name.contains(canary) || (isRun && value.contains(canary));
    }

    private boolean chance(int ofSoMany) {
        return random.nextInt(ofSoMany) == 0;
    }

    /** Any of those that were taken least often. */
    private <T> T seldom(List<T> all, Function<T, String> named) {
        Function<T, Integer> times = one -> taken.getOrDefault(named.apply(one), 0);
        int least = all.stream().map(times).min(Integer::compare).orElseThrow();
        T one = one(all.stream().filter(each -> times.apply(each) == least).toList());
        taken.merge(named.apply(one), 1, Integer::sum);
        return one;
    }

    private <T> T one(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }
}
