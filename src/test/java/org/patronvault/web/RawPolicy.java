package org.patronvault.web;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The meaning of a policy's text, read from its members without the vault's own code. */
final class RawPolicy {
    static final String NOT_ALLOWED = "not-allowed";
    private static final String FIELD = "field-not-allowed";
    private static final String PURPOSE = "purpose-not-allowed";

    private final Map<String, Object> text;

    RawPolicy(String text) {
        try {
            this.text = cast(new ObjectMapper(new YAMLFactory()).readValue(text, Map.class));
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> cast(Object members) {
        return members == null ? Map.of() : (Map<String, Object>) members;
    }

    private static List<?> list(Object list) {
        return list == null ? List.of() : (List<?>) list;
    }

    Set<String> roles() {
        return cast(text.get("roles")).keySet();
    }

    Set<String> scopes() {
        return cast(text.get("scopes")).keySet();
    }

    /** Returns the rule of a role, some of whose patrons belong to another library. */
    Said ofRole(String role) {
        return new Said(cast(cast(text.get("roles")).get(role)), false);
    }

    /** Returns the rule of a scope. A client has no library, so every patron is another's. */
    Said ofScope(String scope) {
        return new Said(cast(cast(text.get("scopes")).get(scope)), true);
    }

    /**
     * The result of a search.
     *
     * @param parts those of {@code shown} that are shown in part whatever the role's masks say
     */
    record Found(Optional<String> refusal, boolean hit, Set<String> shown, Set<String> parts) {
        private static Found nothing(Optional<String> refusal) {
            return new Found(refusal, false, Set.of(), Set.of());
        }
    }

    /** One role or scope. */
    record Said(Map<String, Object> rule, boolean nowhere) {

        private boolean may(String act) {
            return list(rule.get("may")).contains(act);
        }

        private boolean names(String purpose) {
            return list(rule.get("purposes")).contains(purpose);
        }

        private boolean isOutOfReach(boolean other) {
            return (other || nowhere) && "own".equals(rule.get("libraries"));
        }

        private Map<String, Object> sight(boolean other) {
            Map<String, Object> sight = new HashMap<>(rule);
            if (other || nowhere) {
                sight.putAll(cast(rule.get("elsewhere")));
            }
            return sight;
        }

        /** Fields, or each with the part of it that is shown. */
        private List<?> members(String member, String purpose, boolean other) {
            Object fields = sight(other).get(member);
            return names(purpose) ? list(fields instanceof Map<?, ?> map ? map.get(purpose) : fields) : List.of();
        }

        private boolean opens(String field, String purpose, boolean other) {
            return members("opens", purpose, other).contains(field);
        }

        private boolean searches(String by, String purpose, boolean other) {
            return rule.containsKey("searches") ? list(rule.get("searches")).contains(by) : opens(by, purpose, other);
        }

        boolean masks(String field, boolean other) {
            return cast(sight(other).get("masks")).containsKey(field);
        }

        /** An act without a patron. */
        Optional<String> act(String act) {
            return may(act) ? Optional.empty() : Optional.of(NOT_ALLOWED);
        }

        /** An act on a patron. */
        Optional<String> act(String act, boolean other) {
            return may(act) && !isOutOfReach(other) ? Optional.empty() : Optional.of(NOT_ALLOWED);
        }

        /** Opening a field by an act. */
        Optional<String> open(String act, String field, String purpose, boolean other) {
            if (!may(act)) {
                return Optional.of(NOT_ALLOWED);
            }
            if (!names(purpose)) {
                return Optional.of(PURPOSE);
            }
            if (!opens(field, purpose, other)) {
                return Optional.of(FIELD);
            }
            return isOutOfReach(other) ? Optional.of(NOT_ALLOWED) : Optional.empty();
        }

        /** A search by one field, in which another is revealed if there is one. */
        Found search(String by, Optional<String> reveal, String purpose, boolean other) {
            if (!may("search")) {
                return Found.nothing(Optional.of(NOT_ALLOWED));
            }
            if (!names(purpose)) {
                return Found.nothing(Optional.of(PURPOSE));
            }
            boolean somewhere = Stream.of(true, false)
                    .anyMatch(where -> searches(by, purpose, where)
                            && reveal.map(field -> opens(field, purpose, where)).orElse(true));
            if (!somewhere) {
                return Found.nothing(Optional.of(FIELD));
            }
            if (isOutOfReach(other) || !searches(by, purpose, other)) {
                return Found.nothing(Optional.empty());
            }
            if (reveal.isPresent() && !opens(reveal.get(), purpose, other)) {
                return Found.nothing(Optional.of(FIELD));
            }
            Set<String> shown = new TreeSet<>();
            Set<String> parts = new TreeSet<>();
            for (Object result : members("results", purpose, other)) {
                Set<String> part = result instanceof Map<?, ?> ? cast(result).keySet() : Set.of();
                parts.addAll(part);
                shown.addAll(part.isEmpty() ? Set.of((String) result) : part);
            }
            reveal.ifPresent(shown::add);
            reveal.ifPresent(parts::remove);
            return new Found(Optional.empty(), true, shown, parts);
        }
    }
}
