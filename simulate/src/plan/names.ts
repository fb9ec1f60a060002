import type { Random } from './random.ts';

/** Given and family names that belong together, and their order. */
interface Naming {
  readonly given: readonly string[];
  readonly family: readonly string[];
  readonly familyFirst?: true;
}

const namings: readonly Naming[] = [
  {
    given: ['Amina', 'Chidi', 'Ngozi', 'Tunde', 'Zainab', 'Emeka', 'Folake', 'Ibrahim'],
    family: ['Okafor', 'Adeyemi', 'Balogun', 'Eze', 'Danjuma', 'Okonkwo', 'Bello'],
  },
  {
    given: ['Wei', 'Xiuying', 'Jian', 'Mei', 'Haoran', 'Yating', 'Zihan', 'Lan'],
    family: ['Wang', 'Li', 'Zhang', 'Chen', 'Liu', 'Huang', 'Zhao'],
    familyFirst: true,
  },
  {
    given: ['Priya', 'Arjun', 'Ananya', 'Rohan', 'Kavya', 'Vikram', 'Meera', 'Siddharth'],
    family: ['Sharma', 'Iyer', 'Patel', 'Nair', 'Reddy', 'Banerjee', 'Kulkarni'],
  },
  {
    given: ['Lucía', 'Mateo', 'Valentina', 'Diego', 'Camila', 'Joaquín', 'Ximena', 'Tomás'],
    family: ['García Rojas', 'Fernández', 'Quispe Mamani', 'Herrera', 'Castillo', 'Morales Vega'],
  },
  {
    given: ['Yusuf', 'Leyla', 'Omar', 'Fatima', 'Karim', 'Nour', 'Hassan', 'Salma'],
    family: ['Al-Masri', 'Haddad', 'Benali', 'El-Sayed', 'Khoury', 'Mansour'],
  },
  {
    given: ['Jonas', 'Freya', 'Søren', 'Ingrid', 'Lukas', 'Hannah', 'Mikkel', 'Clara'],
    family: ['Lindqvist', 'Jørgensen', 'Weber', 'Virtanen', 'Hofmann', 'Nygård'],
  },
  {
    given: ['Anastasiia', 'Oleksandr', 'Zofia', 'Jakub', 'Milica', 'Andrei', 'Katarína', 'Dmytro'],
    family: ['Kovalenko', 'Nowak', 'Petrović', 'Ionescu', 'Horváth', 'Shevchenko'],
  },
  {
    given: ['Haruto', 'Sakura', 'Ren', 'Aoi', 'Yui', 'Sōta', 'Hina', 'Takumi'],
    family: ['Satō', 'Suzuki', 'Tanaka', 'Watanabe', 'Nakamura', 'Kobayashi'],
  },
  {
    given: ['Olivia', 'Liam', 'Aisling', 'Callum', 'Grace', 'Ethan', 'Niamh', 'Rhys'],
    family: ['Murphy', 'Campbell', 'Evans', 'O’Brien', 'Taylor', 'Robinson'],
  },
  {
    given: ['Léa', 'Gabriel', 'Manon', 'Adama', 'Awa', 'Mamadou', 'Chloé', 'Baptiste'],
    family: ['Dubois', 'Traoré', 'Lefèvre', 'Diallo', 'Moreau', 'Ndiaye'],
  },
];

/** A plausible name from one of ten corners of the world, in the order that is used there. */
export function pickName(random: Random): string {
  const { given, family, familyFirst } = random.pick(namings);
  const [first, last] = [random.pick(given), random.pick(family)];
  return familyFirst ? `${last} ${first}` : `${first} ${last}`;
}

/** A name as the local part of an e-mail address: `Sōta O’Brien` becomes `sota.o-brien`. */
export function addressOf(name: string): string {
  return name
    .replaceAll('ø', 'o')
    .normalize('NFD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^a-z ]+/g, '-')
    .replaceAll(' ', '.');
}
