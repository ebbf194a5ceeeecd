package org.patronvault.app.madeup;

import java.text.Normalizer;
import java.util.Map;

/** Accents for names: the tables have none, and some bearers of these names write them. */
final class Accents {
    private static final double WHO_WRITE_THEM = 0.4;
    private static final Map<String, String> ACCENTED = Map.ofEntries(
            Map.entry("Garcia", "García"),
            Map.entry("Rodriguez", "Rodríguez"),
            Map.entry("Martinez", "Martínez"),
            Map.entry("Hernandez", "Hernández"),
            Map.entry("Lopez", "López"),
            Map.entry("Gonzalez", "González"),
            Map.entry("Perez", "Pérez"),
            Map.entry("Sanchez", "Sánchez"),
            Map.entry("Ramirez", "Ramírez"),
            Map.entry("Nguyen", "Nguyễn"),
            Map.entry("Gomez", "Gómez"),
            Map.entry("Diaz", "Díaz"),
            Map.entry("Gutierrez", "Gutiérrez"),
            Map.entry("Gonzales", "Gonzáles"),
            Map.entry("Chavez", "Chávez"),
            Map.entry("Alvarez", "Álvarez"),
            Map.entry("Vasquez", "Vásquez"),
            Map.entry("Jimenez", "Jiménez"),
            Map.entry("Jose", "José"),
            Map.entry("Maria", "María"));

    private Accents() {}

    /** Returns the name in NFC, with accents for some people. */
    static String some(String name, SeededRandom draw) {
        boolean with = draw.chance(WHO_WRITE_THEM);
        return Normalizer.normalize(with ? ACCENTED.getOrDefault(name, name) : name, Normalizer.Form.NFC);
    }
}
