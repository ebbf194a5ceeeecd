package org.patronvault.browser;

import com.microsoft.playwright.Page;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where on a page its headings, labels, buttons, fields and panels are, in CSS pixels from its top left, to see whether
 * an act has moved any of them. An element is known by what it says, so that one which was put in the place of another
 * is the same.
 */
public final class Places {
    private static final String EACH = """
            () => {
              const places = {};
              document.querySelectorAll("h2, dt, label, button, input, select, .facts dd, .foot p, #status").forEach((one) => {
                const box = one.getBoundingClientRect();
                if (box.width === 0) {
                  return;
                }
                const says = one.matches("input, select, #status") ? one.id + one.name : one.textContent;
                const name = one.tagName + " " + says.trim();
                places[name] = (places[name] ?? []).concat(box.left + scrollX, box.top + scrollY);
              });
              return Object.fromEntries(Object.entries(places).map(([name, at]) => [name, at.join(" ")]));
            }
            """;

    private final Map<String, double[]> places;

    private Places(Map<String, double[]> places) {
        this.places = places;
    }

    /** Where they are now. */
    public static Places on(Page page) {
        Map<?, ?> seen = (Map<?, ?>) page.evaluate(EACH);
        return new Places(seen.entrySet().stream()
                .collect(Collectors.toMap(one -> (String) one.getKey(), one -> numbers((String) one.getValue()))));
    }

    private static double[] numbers(String text) {
        return Stream.of(text.split(" ")).mapToDouble(Double::parseDouble).toArray();
    }

    /** How far, in pixels, what is here and there as often has moved at most. */
    public double farthestTo(Places after) {
        return places.keySet().stream()
                .filter(name -> after.places.containsKey(name))
                .mapToDouble(name -> farthest(places.get(name), after.places.get(name)))
                .max()
                .orElseThrow();
    }

    private static double farthest(double[] before, double[] after) {
        double farthest = 0;
        for (int i = 0; before.length == after.length && i < before.length; i++) {
            farthest = Math.max(farthest, Math.abs(after[i] - before[i]));
        }
        return farthest;
    }
}
