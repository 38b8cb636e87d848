// Names of categories in words; the server's titles once they are known, else the name itself made readable.
import { listCategories, type Category } from "../../core/community";
import { resource } from "../../core/resource";

export const categories = resource<Category[]>();

export function loadCategories(): Promise<void> {
  return categories.data.value ? Promise.resolve() : categories.run(listCategories);
}

export function categoryTitle(name: string): string {
  const known = categories.data.value?.find((category) => category.name === name)?.title;
  return known ?? name.replaceAll("_", " ");
}
